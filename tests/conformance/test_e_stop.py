"""Part E of the conformance cases: how a node, a tree and a process stop."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from livermore.supervision import fork_server
from livermore.supervision.actor import Actor
from livermore.supervision.events import Down, Ending, Refused, Stop, Stopped, Watch
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.state import State
from livermore.supervision.supervisor_node import SupervisorNode
from livermore.supervision.vitals import Vitals
from tests.conformance.actors import Calm
from tests.conformance.support import (
    KINDS,
    Run,
    Scripted,
    ScriptedLoop,
    Told,
    child,
    livermore,
    log_of,
    raising,
    running,
    spec,
    until,
    wait_for,
)
from tests.support.processes import Process
from tests.support.trees import Bench, actor, supervisor

BACKLOG = 10_000
WITHIN = 8.0


# -- 41: a backlog


def with_backlog(run: Run, kind: type[Actor]) -> threading.Event:
    """Have ``a`` at a message, with ten thousand more behind it; gives what it waits for."""
    gate = run.gate()
    run.when("a", "busy", lambda _: gate.wait())
    run.begin().up("a")
    run.tell("a", "busy")
    run.written("a#1 busy")  # or the backlog, which is as much as a mailbox takes, might push it out
    run.tell("a", *["more"] * BACKLOG)
    return gate


@pytest.mark.parametrize("kind", KINDS)
def test_case_41_a_stop_overtakes_a_backlog(kind: type[Actor]) -> None:
    """★ Fails without: `if self._control:` in `poll` of mailbox.py (with the user lane looked at first)."""
    with running(spec("a", kind)) as run:
        gate = with_backlog(run, kind)
        run.supervisor.incarnations.stop("a")
        gate.set()
        until(lambda: run.reasons("a"))
        assert run.reasons("a") == ["stopped"]
        assert "a#1 more" not in run.lines
        assert run.letters() == {("a", "stopped"): BACKLOG}


@pytest.mark.parametrize("kind", KINDS)
def test_case_41_with_a_drain_the_backlog_is_worked_off_first(kind: type[Actor]) -> None:
    """★ Fails without: `self._drain.begin()` in tree.py (with `self.root.stop()` in its place)."""
    with running(spec("a", kind), settings=SettingKeys.model_validate({"drain_deadline": "60s"})) as run:
        gate = with_backlog(run, kind)
        run.supervisor.shut_down(60.0)
        until(lambda: run.state("a") == "draining")
        gate.set()
        assert run.ended() == "stopped"
        assert run.lines.count("a#1 more") == BACKLOG
        assert run.lines[-1] == "a#1 cool_down"
        assert run.letters() == {}


@pytest.mark.parametrize("kind", KINDS)
def test_case_41_but_only_until_the_drain_has_lasted_long_enough(kind: type[Actor]) -> None:
    """★ Fails without: `self._runtime.now >= self._until or` in drain.py."""
    with running(spec("a", kind), settings=SettingKeys.model_validate({"drain_deadline": "50ms"})) as run:
        gate = with_backlog(run, kind)
        run.supervisor.shut_down(60.0)
        until(lambda: run.state("a") == "stopping")
        gate.set()
        assert run.ended() == "stopped"
        assert "a#1 more" not in run.lines
        assert run.letters() == {("a", "stopped"): BACKLOG}


# -- 42: those that do not stop


def test_case_42_one_that_ignores_its_stop_is_given_up_at_its_limit() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b", shutdown="3s")), obedient=False).boot()
    bench.taken()
    bench.do(Stop("b"))
    bench.advance(2.875)
    assert bench.taken() == ["stop b"]
    assert bench.answered() == []
    bench.advance(0.125)
    assert bench.taken() == ["abandon b", "abandoned b"]
    assert bench.answered() == [Stopped("b")]
    assert bench.states() == {"root": "up", "a": "up", "b": "idle"}


def test_case_42_a_supervisor_without_a_limit_waits_for_all_below_it() -> None:
    inner = supervisor("s", actor("s/a"), actor("s/b", shutdown="infinity"), shutdown="infinity")
    bench = Bench(supervisor("root", inner), obedient=False).boot()
    bench.taken()
    bench.do(Stop("s"))
    bench.advance(1000.0)
    assert bench.taken() == ["stop s/b"]
    assert bench.state("s") is State.STOPPING
    bench.down("s/b", Ending("stopped"))
    bench.down("s/a", Ending("stopped"))
    assert bench.taken() == ["stop s/a"]
    assert bench.answered() == [Stopped("s")]


def test_case_42_a_supervisor_with_a_limit_gives_up_each_actor_below_it() -> None:
    innermost = supervisor("s/t", actor("s/t/b", shutdown="infinity"))
    inner = supervisor("s", actor("s/a", shutdown="infinity"), innermost, shutdown="3s")
    bench = Bench(supervisor("root", inner, actor("c")), obedient=False).boot()
    bench.taken()
    bench.do(Stop("s"))
    bench.advance(2.875)
    assert bench.taken() == ["stop s/t/b"]
    bench.advance(0.125)
    assert [word for word in bench.taken() if "abandon " in word] == ["abandon s/t/b", "abandon s/a"]
    assert bench.answered() == [Stopped("s")]
    assert bench.states() == {"root": "up", "s": "idle", "s/a": "idle", "s/t": "idle", "s/t/b": "idle", "c": "up"}


@pytest.mark.parametrize("kind", KINDS)
def test_case_42_a_brutal_stop_does_not_let_the_actor_cool_down(kind: type[Actor]) -> None:
    with running(spec("a", kind, shutdown="brutal"), spec("b", kind)) as run:
        run.begin().up("b")
        assert run.do(Stop("a")) == Stopped("a")
        until(lambda: "a" in {down.path for down in run.downs})
        assert run.shut_down() == "stopped"
        assert [line for line in run.lines if "cool_down" in line] == ["b#1 cool_down"]
        assert run.supervisor.incarnations.failures.abandoned == 0


# -- 43: those that end by themselves meanwhile


def used(bench: Bench, path: str) -> int:
    """How many failures a supervisor has counted."""
    node = bench.node(path)
    assert isinstance(node, SupervisorNode)
    return len(node.intensity.times)


REASONS = ["stopped", "finished", "ignored", "waiting", "permanent", "crash", "start_error", "process_exit"]


def ending_by(reason: str) -> Ending:
    error = None if reason == "stopped" else RuntimeError(reason)
    return Ending(reason, error, 2.0 if reason == "waiting" else None)


@pytest.mark.parametrize("restart", ["permanent", "transient", "temporary"])
@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all", "rest_for_one"])
def test_case_43_whoever_ends_while_its_supervisor_stops_is_not_restarted(
    reason: str, restart: str, strategy: str
) -> None:
    """★ Fails without: `or self.is_closing or child in self._agenda.to_stop` in `child_ended` of supervisor_node.py."""
    names = ["s/a", "s/b", "s/c", "s/d"]
    inner = supervisor("s", *(actor(name, restart=restart) for name in names), strategy=strategy, intensity=0)
    bench = Bench(supervisor("root", inner, actor("z"), intensity=0), obedient=False).boot()
    for name in names:
        bench.do(Watch(name), "z")
    bench.taken()
    bench.do(Stop("s"))
    for name in ("s/d", "s/b", "s/c", "s/a"):  # d and c have been asked to stop by then, b and a have not
        bench.down(name, ending_by(reason))
        bench.advance(0.1)
    bench.advance(600.0)
    assert [word for word in bench.taken() if word.startswith("start ")] == []
    answers = bench.answered()
    assert Stopped("s") in answers
    told = {one.path: one.ending.reason for one in answers if isinstance(one, Down)}
    assert told == dict.fromkeys(names, reason)
    left = {} if restart == "temporary" else dict.fromkeys(names, "idle")
    assert bench.states() == {"root": "up", "s": "idle", "z": "up", **left}
    assert used(bench, "s") == used(bench, "root") == 0
    assert all(bench.node(name).ending.reason == reason for name in left)  # type: ignore[union-attr]  # they ended


@pytest.mark.parametrize("restart", ["permanent", "transient", "temporary"])
@pytest.mark.parametrize("reason", REASONS)
def test_case_43_nor_is_whoever_ends_while_the_whole_tree_stops(reason: str, restart: str) -> None:
    """★ Fails without: `return self.state == State.STOPPING or self.runtime.is_closing` in supervisor_node.py (only
    `self.state == State.STOPPING`: it is not yet while the tree drains)."""
    names = ["a", "b", "c"]
    bench = Bench(supervisor("root", *(actor(name, restart=restart) for name in names), intensity=0), obedient=False)
    bench.seen = {"a": Vitals(waiting=1)}
    bench.boot().taken()
    bench.shut_down(WITHIN)
    bench.down("b", ending_by(reason))  # while the others are drained
    bench.advance(2.5)
    for name in ("c", "a"):
        bench.down(name, ending_by(reason))
    assert bench.ending == Ending("stopped")
    bench.advance(600.0)

    def said(name: str) -> list[str]:
        return [] if reason == "stopped" else [f"{reason} {name}"]

    assert bench.taken() == [*said("b"), "stop c", *said("c"), "stop a", *said("a")]


# -- 44: a shutdown at a bad moment


def four(limit: str, *, ready: bool = True, strategy: str = "one_for_one", **keys: Any) -> Bench:
    """Four children, ``a`` to ``d``, that do not stop by themselves."""
    children = (actor(name, shutdown=limit, **keys) for name in "abcd")
    return Bench(supervisor("root", *children, strategy=strategy), obedient=False).boot(ready=ready)


def during_the_boot(limit: str) -> Bench:
    bench = four(limit, ready=False)
    bench.ready("a")
    assert bench.state("b") is State.STARTING
    return bench


def during_a_start_that_hangs(limit: str) -> Bench:
    bench = four(limit, start={"timeout": "1000s"})
    bench.crash("c")
    bench.advance(10.0)
    assert bench.state("c") is State.STARTING
    return bench


def during_a_back_off(limit: str) -> Bench:
    bench = four(limit, backoff={"first": "2s", "jitter": 0})
    bench.crash("c")
    bench.advance(1.0)
    assert bench.state("c") is State.BACKOFF
    return bench


def early_in_a_round(limit: str) -> Bench:
    bench = four(limit, strategy="one_for_all")
    bench.crash("a")
    bench.advance(1.0)
    assert bench.state("d") is State.STOPPING
    return bench


def late_in_a_round(limit: str) -> Bench:
    bench = early_in_a_round(limit)
    for name in "dcb":
        bench.down(name, Ending("stopped"))
    bench.ready("a")
    assert bench.state("b") is State.STARTING
    return bench


def during_a_reload(limit: str) -> Bench:
    bench = four(limit)
    children = [actor(name, shutdown=limit, mailbox={"capacity": 5}) for name in "abcd"]
    bench.reload(supervisor("root", *children))
    bench.advance(1.0)
    assert bench.state("d") is State.STOPPING
    return bench


def during_a_stop(limit: str) -> Bench:
    bench = four(limit)
    bench.do(Stop("b"))
    bench.advance(1.0)
    assert bench.state("b") is State.STOPPING
    return bench


def while_it_gives_up(limit: str) -> Bench:
    bench = four(limit)
    for _ in range(6):
        bench.crash("c")
        bench.advance(4.0)
        bench.all_ready()
    assert bench.state("root") is State.STOPPING
    return bench


MOMENTS: list[Callable[[str], Bench]] = [
    *(during_the_boot, during_a_start_that_hangs, during_a_back_off, early_in_a_round, late_in_a_round),
    *(during_a_reload, during_a_stop, while_it_gives_up),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
@pytest.mark.parametrize("limit", ["5s", "60s", "infinity"])
def test_case_44_whenever_a_shutdown_comes_it_ends_within_its_time_though_nobody_stops(
    moment: Callable[[str], Bench], limit: str
) -> None:
    """★ Fails without: `self.runtime.within(...)` in actor_node.py together with that in supervisor_node.py (the limits
    as they are)."""
    bench = moment(limit)
    bench.taken()
    bench.shut_down(WITHIN)
    bench.advance(WITHIN)
    assert bench.ending is not None
    assert bench.ending.reason == "stopped"
    said = bench.taken()
    assert [word for word in said if word.startswith("start ")] == []
    assert {word.partition(" ")[0] for word in said} <= {"stop", "abandon", "abandoned"}
    bench.advance(600.0)
    assert bench.taken() == []


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_case_44_it_ends_at_once_where_all_are_obedient(moment: Callable[[str], Bench]) -> None:
    """★ Fails without: `self._agenda.stop_only(self.children)` in supervisor_node.py."""
    bench = moment("5s")
    alive = [node.path for node in bench.tree.actors() if node.alive and node.state is not State.STOPPING]
    stopping = [node.path for node in bench.tree.actors() if node.state is State.STOPPING]
    bench.taken()
    bench.obedient = True
    bench.shut_down(WITHIN)
    for path in stopping:
        bench.down(path, Ending("stopped"))
    assert bench.ending == Ending("stopped")
    assert sorted(bench.taken()) == sorted(f"stop {path}" for path in alive)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_case_44_nothing_more_is_started_while_it_drains(moment: Callable[[str], Bench]) -> None:
    """★ Fails without: `not self.is_closing and` before `self._start_first()`, and `self.is_closing or` in
    `child_rested`, both in supervisor_node.py."""
    bench = moment("5s")
    bench.seen = dict.fromkeys("abcd", Vitals(waiting=1))
    bench.taken()
    bench.shut_down(WITHIN)
    for node in bench.tree.actors():
        if node.state is State.STARTING:
            bench.ready(node.path)
        elif node.state is State.STOPPING:
            bench.down(node.path, Ending("stopped"))
    bench.advance(1.875)
    assert [word for word in bench.taken() if not word.startswith("stop ")] == []
    bench.advance(WITHIN)
    assert bench.ending is not None
    assert bench.ending.reason == "stopped"


def test_case_44_a_reload_that_is_under_way_is_refused() -> None:
    """★ Fails without: `self.operations.close()` in tree.py."""
    bench = during_a_reload("5s")
    bench.reload(supervisor("root", actor("a")))
    bench.shut_down(WITHIN)
    assert bench.answered() == [Refused("root", "the tree is stopping")] * 2


def test_case_44_a_restart_storm_is_cut_short() -> None:
    """★ Fails without: `return not self.is_closing and self._start_first()` and `if self.is_closing or ...` in
    `child_rested` of supervisor_node.py."""
    storm = {"backoff": {"first": "0s", "min": "0s", "jitter": 0}}
    bench = Bench(supervisor("root", actor("a", **storm), actor("b"), intensity=1_000_000), obedient=False).boot()
    bench.seen = {"b": Vitals(waiting=1)}

    def go_on(times: int) -> None:
        for _ in range(times):
            bench.advance(0.0)
            if bench.state("a") is State.STARTING:
                bench.down("a", Ending("start_error", RuntimeError("no")))

    bench.crash("a")
    go_on(1000)
    assert bench.generation("a") > 900
    bench.taken()
    bench.shut_down(WITHIN)
    go_on(1000)
    assert bench.taken() == []
    bench.advance(WITHIN)
    assert bench.ending == Ending("stopped")
    assert bench.taken() == ["stop b", "abandon b", "abandoned b"]


@pytest.mark.parametrize("kind", KINDS)
def test_case_44_a_real_storm_is_cut_short(kind: type[Actor]) -> None:
    """★ Fails without: `self._root.stop()` in drain.py."""
    storm = {"backoff": {"first": "0s", "min": "0s", "jitter": 0}}
    with running(spec("b", kind), spec("a", kind, **storm, required=False), intensity=1_000_000) as run:
        run.when("a", "warm_up", raising(RuntimeError("no")))
        run.begin().written("a#50 warm_up")
        assert run.shut_down(WITHIN) == "stopped"
        assert run.lines[-1] == "b#1 cool_down"
        assert run.supervisor.incarnations.failures.abandoned == 0


def test_case_44_a_real_start_that_hangs_is_given_up_at_the_end_of_the_time() -> None:
    """★ Fails without: `self.runtime.within(...)` in actor_node.py together with that in supervisor_node.py (the limits
    as they are)."""
    with running(spec("b"), spec("a", start={"timeout": "1h"}, shutdown="1h")) as run:
        gate = run.gate()
        run.when("a", "warm_up", lambda _: gate.wait())
        run.begin().written("a#1 warm_up")
        assert run.shut_down(0.2) == "stopped"
        assert run.supervisor.incarnations.failures.abandoned >= 1
        assert run.reasons("a") == []
        gate.set()
        until(lambda: run.threads() == set())


# -- 45 to 47: signals to a real process


def timed(process: Process, number: int) -> tuple[int, float]:
    """Send a signal; gives the exit code, and the seconds until it came."""
    sent = time.monotonic()
    process.send(number)
    return process.wait(), time.monotonic() - sent


def test_case_45_a_process_with_a_child_that_hangs_is_gone_in_time_and_says_where_it_hung(tmp_path: Path) -> None:
    times = {"shutdown_deadline": "3s", "drain_deadline": "100ms"}
    children = [child("calm", "Calm"), child("stuck", "Hanging", shutdown="500ms")]
    with livermore(tmp_path, *children, settings=times) as process:
        wait_for(process, "hangs")
        code, seconds = timed(process, signal.SIGTERM)
        lines = log_of(process)
    assert code == 75, lines
    assert seconds < 3.0
    given_up = next(line for line in lines if line["event"] == "failed")
    assert (given_up["actor"], given_up["reason"]) == ("stuck", "abandoned: did not stop within 0.5 s")
    assert "in wait_for_nothing" in given_up["stack"]
    assert [line["actor"] for line in lines if line["event"] == "cools down"] == ["calm"]


def test_case_45_so_is_one_whose_child_takes_all_the_time_there_is(tmp_path: Path) -> None:
    times = {"shutdown_deadline": "1s", "drain_deadline": "100ms"}
    with livermore(tmp_path, child("stuck", "Hanging", shutdown="infinity"), settings=times) as process:
        wait_for(process, "hangs")
        code, seconds = timed(process, signal.SIGTERM)
        assert code == 75, process.written()
        assert seconds < 1.0 + 1.0
        assert "in wait_for_nothing" in process.written()


LAST_RESORT = 1.0 + 2.0
"""A deadline of one second, and two more."""
SLACK = 2.0


def cpu_seconds(process: Process) -> float:
    """How long it has kept a processor busy."""
    fields = Path(f"/proc/{process.popen.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_case_46_a_process_that_stands_still_while_it_stops_is_ended_from_outside_python(tmp_path: Path) -> None:
    """★ Fails without: `faulthandler.dump_traceback_later(limit + LAST_RESORT, exit=True)` in composition.py."""
    times = {"shutdown_deadline": "1s", "drain_deadline": "100ms"}
    with livermore(tmp_path, child("hog", "HoggingInTheEnd"), settings=times) as process:
        wait_for(process, "is up")
        code, seconds = timed(process, signal.SIGTERM)
        assert code == 1, process.written()
        assert seconds < LAST_RESORT + SLACK
        assert "in hog" in process.written()


def test_case_46_so_is_one_that_stands_still_when_the_signal_comes(tmp_path: Path) -> None:
    """★ Fails without: `faulthandler.dump_traceback_later(...)` in watchdog.py.

    The signal itself is not seen as long as Python's lock is held: what ends the process then is the limit for standing
    still, `settings.watchdog.process_stall`.
    """
    times = {"shutdown_deadline": "1s", "drain_deadline": "100ms", "watchdog": {"process_stall": "3s"}}
    with livermore(tmp_path, child("hog", "HoggingAtOnce"), settings=times) as process:
        wait_for(process, "hogs")
        before = cpu_seconds(process)
        until(lambda: cpu_seconds(process) > before + 0.5)
        process.send(signal.SIGTERM)
        assert process.wait(LAST_RESORT + SLACK) == 1, process.written()
        assert "in hog" in process.written()


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [(signal.SIGTERM, signal.SIGTERM, 143), (signal.SIGINT, signal.SIGINT, 130), (signal.SIGINT, signal.SIGTERM, 143)],
)
def test_case_47_a_second_signal_ends_the_process_at_once(
    tmp_path: Path, first: signal.Signals, second: signal.Signals, code: int
) -> None:
    times = {"shutdown_deadline": "60s", "drain_deadline": "50s"}
    with livermore(tmp_path, child("stuck", "Hanging", shutdown="60s"), settings=times) as process:
        wait_for(process, "hangs")
        process.send(first)
        wait_for(process, f'"signal": "{first.name}"')
        found, seconds = timed(process, second)
        assert found == code, process.written()
        assert seconds < 2.0


def members(session: int) -> set[int]:
    """The processes of a session that still run."""
    found = set()
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == session and fields[0] != "Z":
            found.add(int(place.parent.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_case_47_either_signal_stops_a_process_in_good_order_and_49_no_process_is_left(
    tmp_path: Path, number: signal.Signals
) -> None:
    children = [child("first", "Calm"), child("own", "Calm", isolation="process"), child("last", "Calm")]
    with livermore(tmp_path, *children) as process:
        for line in ('"actor": "own"', '"actor": "last"'):
            wait_for(process, line)
        session = process.popen.pid
        assert len(members(session)) > 2  # it, the server that forks, and the actor's own
        code, seconds = timed(process, number)
        assert code == 0, process.written()
        assert seconds < WITHIN
        stopped = [line["actor"] for line in log_of(process) if line["event"] == "cools down"]
        assert [name for name in stopped if name != "own"] == ["last", "first"]  # its own may be lost as it ends
        until(lambda: members(session) == set())


# -- 48: sources first


class Source(ScriptedLoop):
    """Tells one number after the other until it is to be quiet."""

    async def main(self) -> None:
        self.count, self.quiet = 0, False
        while not self.quiet:
            self.emit(Told(f"n{self.count}"))
            self.count += 1
            await asyncio.sleep(0)
        await asyncio.Event().wait()

    async def quiesce(self) -> None:
        self.quiet = True
        self.resources.lines.append(f"sent {self.count}")


class Middle(Scripted):
    """Hands on what it is told."""

    def receive(self, message: Any) -> None:
        super().receive(message)
        self.emit(message)


def test_case_48_sources_are_quiet_before_anybody_stops_and_all_they_sent_is_worked_off() -> None:
    mailbox = {"mailbox": {"capacity": 1_000_000}}
    sink = spec("sink", **mailbox)
    middle = spec("middle", Middle, (sink,), **mailbox)
    long = SettingKeys.model_validate({"drain_deadline": "60s"})
    with running(sink, middle, spec("source", Source, (middle,)), settings=long) as run:
        gate = run.gate()
        run.when("middle", "n100", lambda _: gate.wait())
        run.begin().written("middle#1 n100")
        until(lambda: (mail := run.supervisor.incarnations.mail.box("middle")) is not None and len(mail) > 100)
        run.supervisor.shut_down(60.0)
        until(lambda: any(line.startswith("sent") for line in run.lines))
        gate.set()
        assert run.ended() == "stopped"
        sent = int(next(line for line in run.lines if line.startswith("sent ")).split()[1])
        assert sent > 200
        for name in ("middle", "sink"):
            heard = [line for line in run.lines if line.startswith(f"{name}#1 n") and not line.endswith("new")]
            assert heard == [f"{name}#1 n{number}" for number in range(sent)]
        assert run.lines[-3:] == ["source#1 cool_down", "middle#1 cool_down", "sink#1 cool_down"]
        assert run.letters() == {}


def test_case_48_the_tree_stops_only_once_all_are_quiet_and_nothing_waits() -> None:
    bench = Bench(supervisor("root", actor("sink"), supervisor("s", actor("s/source")))).boot()
    bench.said()
    bench.seen = {"sink": Vitals(quiet=True, waiting=7), "s/source": Vitals(quiet=False)}
    bench.shut_down(WITHIN)
    assert bench.said() == ["quiesce sink", "quiesce s/source"]
    assert {bench.state("sink"), bench.state("s/source")} == {State.DRAINING}
    for seen in (Vitals(quiet=True), Vitals(busy=0.5), Vitals(waiting=1)):
        bench.seen["s/source"] = seen
        bench.advance(0.25)
        assert bench.said() == []
    bench.seen = {}
    bench.advance(0.25)
    assert bench.said() == ["stop s/source", "stop sink"]
    assert bench.ending == Ending("stopped")


def test_case_48_a_shutdown_waits_for_a_drain_no_longer_than_it_may_take() -> None:
    bench = Bench(supervisor("root", actor("a")), settings=SettingKeys.model_validate({"drain_deadline": "2s"})).boot()
    bench.seen = {"a": Vitals(quiet=False)}
    bench.taken()
    bench.shut_down(WITHIN)
    bench.advance(1.875)
    assert bench.taken() == []
    bench.advance(0.125)
    assert bench.taken() == ["stop a"]


# -- 49: nothing is left


class Elsewhere:
    """Resources of an actor in a process of its own; there they are nothing."""

    def portable(self, listen: str | None) -> "Elsewhere":
        return self

    def open(self, ask: Any) -> None:
        return None


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_case_49_no_thread_file_or_entry_is_left_after_a_stop() -> None:
    def live_and_stop() -> None:
        with running(*(spec(f"{kind.__name__.lower()}{n}", kind) for kind in KINDS for n in range(3))) as run:
            run.when("scripted0", "boom", raising(RuntimeError("boom")))
            run.when("scriptedloop0", "boom", raising(RuntimeError("boom")))
            run.begin().up("scriptedloop2")
            for path in ("scripted0", "scriptedloop0"):
                run.tell(path, "boom")
                run.up(path, 2)
            assert run.shut_down() == "stopped"
            until(lambda: run.registered() == 0)

    live_and_stop()
    before, files = set(threading.enumerate()), open_files()
    live_and_stop()
    until(lambda: set(threading.enumerate()) <= before)
    assert open_files() == files


def test_case_49_nor_is_a_process_of_its_own_or_what_led_to_it() -> None:
    fork_server.prepare([Calm.__module__])
    with running(spec("a", Calm, isolation="process"), resources=Elsewhere()) as run:
        before, files = set(threading.enumerate()), open_files()
        run.begin().up("a")
        pid = run.supervisor.incarnations.pid("a")
        assert pid is not None
        assert Path(f"/proc/{pid}").exists()
        assert run.shut_down() == "stopped"
        until(lambda: not Path(f"/proc/{pid}").exists())
        until(lambda: set(threading.enumerate()) <= before)
        assert run.registered() == 0
        until(lambda: open_files() == files)


# -- 50: a full mailbox


def crowded(path: str, kind: type[Actor], **keys: Any) -> Any:
    return spec(path, kind, mailbox={"capacity": 5, "overflow": "drop_newest"}, **keys)


@pytest.mark.parametrize("kind", KINDS)
def test_case_50_a_stop_gets_through_to_a_child_with_a_full_mailbox(kind: type[Actor]) -> None:
    with running(crowded("a", kind)) as run:
        gate = run.gate()
        run.when("a", "busy", lambda _: gate.wait())
        run.begin().up("a")
        run.tell("a", "busy")
        run.written("a#1 busy")
        run.tell("a", *["more"] * 100)
        assert run.node("a")["mailbox"] == 5
        run.supervisor.incarnations.stop("a")
        gate.set()
        until(lambda: run.reasons("a"))
        assert run.reasons("a") == ["stopped"]
        assert "a#1 more" not in run.lines
        assert run.letters() == {("a", "overflow"): 95, ("a", "stopped"): 5}


@pytest.mark.parametrize("kind", KINDS)
def test_case_50_so_does_the_end_of_one_that_hangs_with_a_full_mailbox(kind: type[Actor]) -> None:
    with running(spec("b"), crowded("a", kind, shutdown="50ms")) as run:
        gate = run.gate()
        run.when("a", "busy", lambda _: gate.wait())
        run.begin().up("a")
        run.tell("a", "busy")
        run.written("a#1 busy")
        run.tell("a", *["more"] * 100)
        assert run.do(Stop("a")) == Stopped("a")
        assert run.supervisor.incarnations.failures.abandoned == 1
        assert run.letters() == {("a", "overflow"): 95, ("a", "abandoned"): 5}
        assert run.shut_down() == "stopped"
        assert run.lines[-1] == "b#1 cool_down"
