"""The tree as Prometheus metrics, read from a snapshot at each scrape: no actor is asked, and none is slowed down."""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version as version_of
from itertools import accumulate
from typing import Any, NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from livermore.supervision.incarnations import Incarnations
from livermore.supervision.process_host import resident
from livermore.supervision.state import State
from livermore.supervision.stats import BOUNDS, Histogram, Stats
from livermore.supervision.supervisor import Supervisor

Snapshot = Mapping[str, Any]
LABELS = ("supervisor", "actor")
RESTARTS = (
    "crash", "start_error", "start_timeout", "hang", "heartbeat", "process_exit", "lost", "no_thread", "finished",
    "waiting", "strategy", "reload", "manual",
)  # fmt: skip
POLICIES = ("coalesce", "drop_oldest", "drop_newest")
LETTERS = ("not_running", "overflow", "crash", "start_error", "stopped", "abandoned", "removed", "muted")


def walk(node: Snapshot, above: str = "") -> Iterator[tuple[str, Snapshot]]:
    """Every node with the path of its supervisor."""
    yield above, node
    for child in node["children"]:
        yield from walk(child, node["path"])


class Actor(NamedTuple):
    """One actor: the values of `LABELS`, its part of the snapshot, and what it has counted."""

    labels: list[str]
    node: Snapshot
    stats: Stats


class TreeCollector(Collector):
    """``supervisor`` is the path of the node above, ``actor`` the id; every series exists from the start."""

    def __init__(self, supervisor: Supervisor, version: str) -> None:
        self._supervisor = supervisor
        self._about = {
            "version": version,
            "python": platform.python_version(),
            "pykka": version_of("pykka"),
            "mode": supervisor.tree.root.path,
        }

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering it does not ask a tree that does not run yet."""
        return []

    def collect(self) -> Iterable[Metric]:
        """All families."""
        root, incarnations = self._supervisor.snapshot(), self._supervisor.incarnations
        wall, monotonic = self._supervisor.clock.wall() / 1000, self._supervisor.clock.monotonic()
        actors = [
            Actor([above, node["id"]], node, incarnations.stats[node["path"]])
            for above, node in walk(root)
            if node["kind"] == "actor"
        ]
        info = GaugeMetricFamily("livermore_info", "What runs here", labels=list(self._about))
        info.add_metric(list(self._about.values()), 1)
        yield info
        yield from _gauges(actors, wall, monotonic)
        yield from _counters(actors)
        yield from _histograms(actors)
        yield _states(actors)
        yield from _supervisors(root)
        yield _dead_letters(actors, incarnations)
        lag = GaugeMetricFamily("livermore_supervisor_loop_lag_seconds", "How late the supervisor's last timer was")
        lag.add_metric([], self._supervisor.lag)
        yield lag


def _gauges(actors: list[Actor], wall: float, monotonic: float) -> Iterator[Metric]:
    def at(moment: float) -> float:
        return wall - (monotonic - moment) if moment else 0.0

    readings: dict[str, tuple[str, Callable[[Actor], float | None]]] = {
        "up": ("Whether an incarnation lives", lambda a: a.node["state"] in {State.UP, State.DRAINING}),
        "ready": ("Whether an incarnation is ready", lambda a: a.node["state"] == State.UP),
        "critical": ("Whether readiness depends on it", lambda a: a.node["critical"]),
        "generation": ("Number of the newest incarnation", lambda a: a.node["generation"]),
        "start_time_seconds": ("When it entered its state", lambda a: wall - a.node["for_seconds"]),
        "busy_seconds": ("Age of the message in progress", lambda a: a.node["busy_seconds"]),
        "last_message_timestamp_seconds": ("When a message was last done", lambda a: at(a.stats.last_message)),
        "mailbox_messages": ("Messages that wait", lambda a: a.node["mailbox"]),
        "mailbox_capacity": ("Messages that may wait", lambda a: a.node["mailbox_capacity"]),
        "mailbox_oldest_age_seconds": ("Age of the oldest that waits", lambda a: a.node["mailbox_age_seconds"]),
        "backoff_seconds": ("Seconds until the next start", lambda a: a.node["starts_in_seconds"] or 0),
        "next_restart_timestamp_seconds": ("When that is; 0 where none is planned", lambda a: _next(a.node, wall)),
        "zombie_threads": ("Threads that were given up and have not ended", lambda a: a.node["zombies"]),
        "resident_memory_bytes": ("Memory of a process of its own", lambda a: resident(a.node["pid"])),
    }
    for name, (about, read) in readings.items():
        family = GaugeMetricFamily(f"livermore_actor_{name}", about, labels=LABELS)
        for actor in actors:
            if (value := read(actor)) is not None:
                family.add_metric(actor.labels, float(value))
        yield family


def _next(node: Snapshot, wall: float) -> float:
    wait: float | None = node["starts_in_seconds"]
    return 0.0 if wait is None else wall + wait


def _counters(actors: list[Actor]) -> Iterator[Metric]:
    restarts = CounterMetricFamily("livermore_actor_restarts", "Restarts by reason", labels=[*LABELS, "reason"])
    messages = CounterMetricFamily("livermore_actor_messages", "Messages taken", labels=[*LABELS, "kind", "outcome"])
    dropped = CounterMetricFamily("livermore_actor_mailbox_dropped", "Messages dropped", labels=[*LABELS, "policy"])
    raised = CounterMetricFamily("livermore_actor_exceptions", "Exceptions", labels=[*LABELS, "exception", "via"])
    hangs = CounterMetricFamily("livermore_actor_hangs", "Messages that took too long", labels=LABELS)
    fenced = CounterMetricFamily("livermore_fenced_sends", "What was refused of replaced incarnations", labels=LABELS)
    for labels, node, stats in actors:
        for reason in RESTARTS:
            restarts.add_metric([*labels, reason], node["restarts"].get(reason, 0))
        for kind, outcome, count in (
            ("tell", "ok", stats.told), ("tell", "error", stats.failed), ("control", "ok", stats.control)
        ):  # fmt: skip
            messages.add_metric([*labels, kind, outcome], count)
        for policy in POLICIES:
            dropped.add_metric([*labels, policy], stats.dropped[policy])
        for (name, via), count in list(stats.exceptions.items()):
            raised.add_metric([*labels, name, via], count)
        hangs.add_metric(labels, stats.hangs)
        fenced.add_metric(labels, stats.fenced)
    yield from (restarts, messages, dropped, raised, hangs, fenced)


def _histograms(actors: list[Actor]) -> Iterator[Metric]:
    readings: dict[str, tuple[str, Callable[[Stats], Histogram]]] = {
        "processing_seconds": ("How long messages took", lambda stats: stats.processing),
        "mailbox_wait_seconds": ("How long messages had waited", lambda stats: stats.wait),
    }
    bounds = [*map(str, BOUNDS), "+Inf"]
    for name, (about, read) in readings.items():
        family = HistogramMetricFamily(f"livermore_actor_{name}", about, labels=LABELS)
        for labels, _, stats in actors:
            histogram = read(stats)
            buckets = list(zip(bounds, map(float, accumulate(histogram.counts)), strict=True))
            family.add_metric(labels, buckets, histogram.total)
        yield family


def _states(actors: list[Actor]) -> Metric:
    family = GaugeMetricFamily("livermore_actor_state", "1 for the state that holds", labels=[*LABELS, "state"])
    for labels, node, _ in actors:
        for state in State:
            family.add_metric([*labels, state], float(node["state"] == state))
    return family


def _supervisors(root: Snapshot) -> Iterator[Metric]:
    about = "Share of the allowed failures that have happened"
    used = GaugeMetricFamily("livermore_supervisor_intensity_used_ratio", about, labels=["supervisor"])
    exhausted = CounterMetricFamily(
        "livermore_supervisor_exhausted", "Times that were too many failures", labels=["supervisor", "action"]
    )
    for _, node in walk(root):
        if node["kind"] == "supervisor":
            used.add_metric([node["path"]], node["intensity_used"])
            for action, count in node["exhausted"].items():
                exhausted.add_metric([node["path"], action], count)
    yield from (used, exhausted)


def _dead_letters(actors: list[Actor], incarnations: Incarnations) -> Metric:
    family = CounterMetricFamily("livermore_dead_letters", "Undelivered messages", labels=[*LABELS, "reason"])
    counts = dict(incarnations.dead_letters.counts)
    for labels, node, _ in actors:
        path = node["path"]
        reasons = dict.fromkeys([*LETTERS, *(reason for at, reason in counts if at == path)])
        for reason in reasons:
            family.add_metric([*labels, reason], counts.get((path, reason), 0))
    return family


class Exposition:
    """Several sources as one: families of the same name, as the front's from its own process, become one family."""

    def __init__(self, *sources: Callable[[], Iterable[Metric]]) -> None:
        self._sources = sources

    def collect(self) -> Iterable[Metric]:
        """All families of all sources."""
        merged: dict[str, Metric] = {}
        for source in self._sources:
            for family in source():
                held = merged.get(family.name)
                if held is None:
                    merged[family.name] = held = Metric(family.name, family.documentation, family.type, family.unit)
                _add(held, family.samples)
        return merged.values()


def _add(family: Metric, samples: Iterable[Sample]) -> None:
    """Counts of one series are summed; of anything else the newest holds."""
    places = {(one.name, *sorted(one.labels.items())): i for i, one in enumerate(family.samples)}
    for sample in samples:
        place = places.get((sample.name, *sorted(sample.labels.items())))
        if place is None:
            family.samples.append(sample)
            continue
        sums = family.type in {"counter", "histogram"} and not sample.name.endswith("_created")
        value = sample.value + (family.samples[place].value if sums else 0)
        family.samples[place] = sample._replace(value=value)
