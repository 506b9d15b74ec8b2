"""The tree as Prometheus metrics, read from a snapshot at each scrape."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version as version_of
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from livermore.supervision.dead_letters import DeadLetters
from livermore.supervision.node import State

Snapshot = Mapping[str, Any]
LABELS = ("supervisor", "actor")


class TreeCollector(Collector):
    """``supervisor`` is the path of the node above, ``actor`` the id; every series exists from the start."""

    def __init__(self, snapshot: Callable[[], Snapshot], letters: DeadLetters, version: str, mode: str) -> None:
        self._snapshot, self._letters = snapshot, letters
        self._about = {"version": version, "pykka": version_of("pykka"), "mode": mode}

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering it does not ask a tree that does not run yet."""
        return []

    def collect(self) -> Iterable[Metric]:
        """All families."""
        root = self._snapshot()
        actors = [(above, node) for above, node in walk(root) if node["kind"] == "actor"]
        yield _info(self._about)
        yield from _actor_gauges(actors)
        yield _states(actors)
        yield _restarts(actors)
        yield _intensity(root)
        yield _dead_letters(self._letters)


def walk(node: Snapshot, above: str = "") -> Iterator[tuple[str, Snapshot]]:
    """Every node with the path of its supervisor."""
    yield above, node
    for child in node["children"]:
        yield from walk(child, node["path"])


def _info(about: Mapping[str, str]) -> Metric:
    family = GaugeMetricFamily("livermore_info", "What runs here", labels=list(about))
    family.add_metric(list(about.values()), 1)
    return family


def _actor_gauges(actors: list[tuple[str, Snapshot]]) -> Iterator[Metric]:
    readings: dict[str, tuple[str, Callable[[Snapshot], float]]] = {
        "up": ("Whether an incarnation lives and is ready", lambda n: n["state"] == State.UP),
        "critical": ("Whether readiness depends on it", lambda n: n["critical"]),
        "generation": ("Number of the newest incarnation", lambda n: n["generation"]),
        "mailbox_messages": ("Messages that wait", lambda n: n["mailbox"]),
        "mailbox_capacity": ("Messages that may wait", lambda n: n["mailbox_capacity"]),
        "backoff_seconds": ("Seconds until the next start", lambda n: n["starts_in_seconds"] or 0),
    }
    for name, (about, read) in readings.items():
        family = GaugeMetricFamily(f"livermore_actor_{name}", about, labels=LABELS)
        for above, node in actors:
            family.add_metric([above, node["id"]], float(read(node)))
        yield family


def _states(actors: list[tuple[str, Snapshot]]) -> Metric:
    family = GaugeMetricFamily("livermore_actor_state", "1 for the state that holds", labels=[*LABELS, "state"])
    for above, node in actors:
        for state in State:
            family.add_metric([above, node["id"], state], float(node["state"] == state))
    return family


def _restarts(actors: list[tuple[str, Snapshot]]) -> Metric:
    family = CounterMetricFamily("livermore_actor_restarts", "Restarts by reason", labels=[*LABELS, "reason"])
    for above, node in actors:
        for reason in ("crash", "start_error", "start_timeout", "waiting"):
            family.add_metric([above, node["id"], reason], node["restarts"].get(reason, 0))
    return family


def _intensity(root: Snapshot) -> Metric:
    about = "Share of the allowed failures that have happened"
    family = GaugeMetricFamily("livermore_supervisor_intensity_used_ratio", about, labels=["supervisor"])
    for _, node in walk(root):
        if node["kind"] == "supervisor":
            family.add_metric([node["path"]], node["intensity_used"])
    return family


def _dead_letters(letters: DeadLetters) -> Metric:
    family = CounterMetricFamily("livermore_dead_letters", "Undelivered messages", labels=["actor", "reason"])
    for (path, reason), count in list(letters.counts.items()):
        family.add_metric([path, reason], count)
    return family
