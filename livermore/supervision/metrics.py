"""The tree as Prometheus metrics, read from a snapshot at each scrape: no actor is asked, and none is slowed down.

The text is made here, since there are some seventy series an actor: Prometheus's own library takes ten times as long.
Every label is an id of the tree file, the name of a class, or a word of ours, none of which has to be escaped.
"""

import platform
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib.metadata import version as version_of
from itertools import accumulate
from typing import Any, NamedTuple

from livermore.supervision.incarnations import Incarnations
from livermore.supervision.process_host import usage
from livermore.supervision.state import State
from livermore.supervision.stats import BOUNDS, Histogram, Stats
from livermore.supervision.supervisor import Supervisor

Snapshot = Mapping[str, Any]
SUPERVISOR_RESTARTS = ("exhausted", "start_failed", "strategy", "manual")
RESTARTS = (
    "crash", "start_error", "start_timeout", "hang", "heartbeat", "process_exit", "lost", "no_thread", "finished",
    "waiting", "strategy", "reload", "manual",
)  # fmt: skip
STATES = tuple(map(str, State))
POLICIES = ("coalesce", "drop_oldest", "drop_newest")
LETTERS = (
    "not_running", "overflow", "removed", "muted", "stopped", "abandoned", "waiting", "permanent", "finished",
    "ignored", "crash", "start_error", "start_timeout", "hang", "heartbeat", "lost", "process_exit", "no_thread",
)  # fmt: skip


def walk(node: Snapshot, above: str = "") -> Iterator[tuple[str, Snapshot]]:
    """Every node with the path of its supervisor."""
    yield above, node
    for child in node["children"]:
        yield from walk(child, node["path"])


class Actor(NamedTuple):
    """One actor: its labels, not closed yet, its part of the snapshot, and what it has counted."""

    labels: str
    node: Snapshot
    stats: Stats


class TreeMetrics:
    """Labels: ``supervisor`` is the path of the node above, ``actor`` the id; every series exists from the start."""

    def __init__(self, supervisor: Supervisor, version: str) -> None:
        self._supervisor = supervisor
        about = {"version": version, "python": platform.python_version(), "pykka": version_of("pykka")}
        about["mode"] = supervisor.tree.root.path
        self._about = ",".join(f'{name}="{value}"' for name, value in about.items())

    def text(self) -> str:
        """All families, in Prometheus's text format."""
        return "".join(self._lines())

    def _lines(self) -> Iterator[str]:
        root, incarnations = self._supervisor.snapshot(), self._supervisor.incarnations
        clock = self._supervisor.clock
        actors = [
            Actor(f'{{supervisor="{above}",actor="{node["id"]}"', node, incarnations.stats[node["path"]])
            for above, node in walk(root)
            if node["kind"] == "actor"
        ]
        yield from _single("info", "What runs here", 1, self._about)
        yield from _single("supervisor_loop_lag_seconds", "How late its last timer was", self._supervisor.lag)
        yield from _gauges(actors, clock.wall() / 1000, clock.monotonic())
        yield from _counters(actors)
        yield from _processes(actors)
        yield from _histograms(actors)
        yield from _states(actors)
        yield from _supervisors(root)
        yield from _dead_letters(actors, incarnations)


def _head(name: str, kind: str, about: str) -> str:
    return f"# HELP livermore_{name} {about}\n# TYPE livermore_{name} {kind}\n"


def _single(name: str, about: str, value: float, labels: str = "") -> Iterator[str]:
    yield _head(name, "gauge", about)
    yield f"livermore_{name}{{{labels}}} {value}\n" if labels else f"livermore_{name} {value}\n"


def _gauges(actors: list[Actor], wall: float, monotonic: float) -> Iterator[str]:
    def at(moment: float) -> float:
        return wall - (monotonic - moment) if moment else 0.0

    def next_start(node: Snapshot) -> float:
        wait: float | None = node["starts_in_seconds"]
        return 0.0 if wait is None else wall + wait

    readings: dict[str, tuple[str, Callable[[Actor], float]]] = {
        "up": ("Whether an incarnation lives", lambda a: a.node["state"] in {State.UP, State.DRAINING}),
        "ready": ("Whether an incarnation is ready", lambda a: a.node["state"] == State.UP),
        "critical": ("Whether readiness depends on it", lambda a: a.node["critical"]),
        "generation": ("Number of the newest incarnation", lambda a: a.node["generation"]),
        "start_time_seconds": ("When it was last started", lambda a: a.node["started_at"] / 1000),
        "busy_seconds": ("Age of the message in progress", lambda a: a.node["busy_seconds"]),
        "last_message_timestamp_seconds": ("When a message was last done", lambda a: at(a.stats.last_message)),
        "mailbox_messages": ("Messages that wait", lambda a: a.node["mailbox"]),
        "mailbox_capacity": ("Messages that may wait", lambda a: a.node["mailbox_capacity"]),
        "mailbox_oldest_age_seconds": ("Age of the oldest that waits", lambda a: a.node["mailbox_age_seconds"]),
        "backoff_seconds": ("Seconds until the next start", lambda a: a.node["starts_in_seconds"] or 0),
        "next_restart_timestamp_seconds": ("When that is; 0 where none is planned", lambda a: next_start(a.node)),
        "zombie_threads": ("Threads that were given up and have not ended", lambda a: a.node["zombies"]),
    }
    for name, (about, read) in readings.items():
        yield _head(f"actor_{name}", "gauge", about)
        for actor in actors:
            yield f"livermore_actor_{name}{actor.labels}}} {float(read(actor))}\n"


def _processes(actors: list[Actor]) -> Iterator[str]:
    """Of actors that have processes of their own."""
    used = [(actor.labels, found) for actor in actors if (found := usage(actor.node["pid"])) is not None]
    yield _head("actor_cpu_seconds_total", "counter", "Processor time of its own process")
    for labels, one in used:
        yield f"livermore_actor_cpu_seconds_total{labels}}} {one.cpu}\n"
    yield _head("actor_resident_memory_bytes", "gauge", "Memory of its own process")
    for labels, one in used:
        yield f"livermore_actor_resident_memory_bytes{labels}}} {one.resident}\n"


def _counters(actors: list[Actor]) -> Iterator[str]:
    yield from _family(
        "actor_restarts_total", "Restarts by reason", actors, "reason",
        lambda a: {reason: a.node["restarts"].get(reason, 0) for reason in RESTARTS},
    )  # fmt: skip
    yield from _family(
        "actor_messages_total", "Messages taken", actors, "kind",
        lambda a: {
            'tell",outcome="ok': a.stats.told,
            'tell",outcome="error': a.stats.failed,
            'control",outcome="ok': a.stats.control,
        },
    )  # fmt: skip
    yield from _family(
        "actor_mailbox_dropped_total", "Messages dropped", actors, "policy",
        lambda a: {policy: a.stats.dropped[policy] for policy in POLICIES},
    )  # fmt: skip
    yield from _family(
        "actor_exceptions_total", "Exceptions", actors, "exception",
        lambda a: {f'{name}",via="{via}': count for (name, via), count in list(a.stats.exceptions.items())},
    )  # fmt: skip
    readings: dict[str, tuple[str, Callable[[Actor], int]]] = {
        "actor_hangs_total": ("Messages that took too long", lambda a: a.stats.hangs),
        "fenced_sends_total": ("What was refused of replaced incarnations", lambda a: a.stats.fenced),
    }
    for name, (about, read) in readings.items():
        yield _head(name, "counter", about)
        for actor in actors:
            yield f"livermore_{name}{actor.labels}}} {read(actor)}\n"


def _family(
    name: str,
    about: str,
    actors: list[Actor],
    label: str,
    read: Callable[[Actor], Mapping[str, int]],
    kind: str = "counter",
) -> Iterator[str]:
    """A family with one more label."""
    yield _head(name, kind, about)
    for actor in actors:
        values = read(actor)
        yield _form(name, actor.labels, label, tuple(values)) % tuple(values.values())


@lru_cache(maxsize=4096)
def _form(name: str, labels: str, label: str, values: tuple[str, ...]) -> str:
    """The lines of one actor, with a blank for each number."""
    return "".join(f'livermore_{name}{labels},{label}="{value}"}} %d\n' for value in values)


def _histograms(actors: list[Actor]) -> Iterator[str]:
    readings: dict[str, tuple[str, Callable[[Stats], Histogram]]] = {
        "processing_seconds": ("How long messages took", lambda stats: stats.processing),
        "mailbox_wait_seconds": ("How long messages had waited", lambda stats: stats.wait),
    }
    bounds = (*map(str, BOUNDS), "+Inf")
    for short, (about, read) in readings.items():
        name = f"actor_{short}"
        yield _head(name, "histogram", about)
        for labels, _, stats in actors:
            histogram = read(stats)
            counts = tuple(accumulate(histogram.counts))
            yield _form(f"{name}_bucket", labels, "le", bounds) % counts
            yield f"livermore_{name}_sum{labels}}} {histogram.total}\nlivermore_{name}_count{labels}}} {counts[-1]}\n"


def _states(actors: list[Actor]) -> Iterator[str]:
    yield from _family(
        "actor_state", "1 for the state that holds", actors, "state",
        lambda a: {state: int(a.node["state"] == state) for state in STATES}, "gauge",
    )  # fmt: skip


def _supervisors(root: Snapshot) -> Iterator[str]:
    nodes = [node for _, node in walk(root) if node["kind"] == "supervisor"]
    yield _head("supervisor_intensity_used_ratio", "gauge", "Share of the allowed failures that have happened")
    for node in nodes:
        yield f'livermore_supervisor_intensity_used_ratio{{supervisor="{node["path"]}"}} {node["intensity_used"]}\n'
    yield _head("supervisor_state", "gauge", "1 for the state that holds")
    for node in nodes:
        for state in State:
            labels = f'{{supervisor="{node["path"]}",state="{state}"}}'
            yield f"livermore_supervisor_state{labels} {int(node['state'] == state)}\n"
    yield _head("supervisor_restarts_total", "counter", "Restarts of a whole subtree by reason")
    for node in nodes:
        for reason in SUPERVISOR_RESTARTS:
            labels = f'{{supervisor="{node["path"]}",reason="{reason}"}}'
            yield f"livermore_supervisor_restarts_total{labels} {node['restarts'].get(reason, 0)}\n"
    yield _head("supervisor_exhausted_total", "counter", "Times that were too many failures")
    for node in nodes:
        for action, count in node["exhausted"].items():
            yield f'livermore_supervisor_exhausted_total{{supervisor="{node["path"]}",action="{action}"}} {count}\n'


def _dead_letters(actors: list[Actor], incarnations: Incarnations) -> Iterator[str]:
    none: dict[str, int] = dict.fromkeys(LETTERS, 0)
    of_path: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (path, reason), count in dict(incarnations.mail.dead_letters.counts).items():
        of_path[path][reason] = count

    def read(actor: Actor) -> dict[str, int]:
        return none | of_path[actor.node["path"]]

    yield from _family("dead_letters_total", "Undelivered messages", actors, "reason", read)
