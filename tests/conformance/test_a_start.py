"""Part A of the conformance cases: how a tree starts."""

import asyncio
import threading
from typing import Any

import pytest

from livermore.errors import Ignore
from livermore.supervision.actor import Actor
from livermore.supervision.events import Ending, Ready
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.state import State
from livermore.supervision.tree import EXIT_CODES
from tests.conformance.support import KINDS, raising, running, spec, until
from tests.support.trees import Bench, actor, supervisor

LEAVING = [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError(), GeneratorExit()]


def failed_start() -> Ending:
    return Ending("start_error", RuntimeError("no"))


def test_case_01_an_empty_supervisor_starts_and_stops_cleanly() -> None:
    bench = Bench(supervisor("root", supervisor("inner"))).boot()
    assert bench.tree.booted
    assert bench.states() == {"root": "up", "inner": "up"}
    bench.shut_down()
    assert bench.ending == Ending("stopped")
    assert bench.states() == {"root": "idle", "inner": "idle"}
    assert bench.log == []


def test_case_02_children_start_in_list_order_each_once_the_one_before_is_ready() -> None:
    inner = supervisor("m", actor("m/y"), actor("m/b"))
    bench = Bench(supervisor("root", actor("z"), inner, actor("a"))).boot(ready=False)
    for path in ("z", "m/y", "m/b", "a"):
        assert bench.taken() == [f"start {path}"]
        assert not bench.tree.booted
        bench.ready(path)
    assert bench.taken() == []
    assert bench.tree.booted


# -- 3 and 4: errors at the start


@pytest.mark.parametrize("kind", KINDS)
def test_case_03_an_error_at_the_start_is_learned_and_counted_once(kind: type[Actor]) -> None:
    """★ Fails without: `self._incarnation.end(error)` in thread_host.py."""
    with running(spec("b", kind), spec("a", kind, required=False)) as run:
        run.when("a#1", "warm_up", raising(RuntimeError("no")))
        run.begin().up("a", 2)
        assert run.node("a")["restarts"] == {"start_error": 1}
        assert run.node("root")["intensity_used"] == 1 / 5
        assert run.reasons("a") == ["start_error"]
        assert run.supervisor.incarnations.stats["a"].exceptions == {("RuntimeError", "start"): 1}


@pytest.mark.parametrize("kind", KINDS)
def test_case_03_an_error_at_the_start_of_a_required_child_fails_the_boot_with_69(kind: type[Actor]) -> None:
    """★ Fails without: `self.close(Ending(Reason.START_FAILED, ending.error))` in supervisor_node.py."""
    with running(spec("b", kind), spec("a", kind)) as run:
        run.when("a", "warm_up", raising(RuntimeError("no")))
        reason = run.begin().ended()
        assert EXIT_CODES[reason] == 69
        assert run.reasons("a") == ["start_error"]
        assert "b#1 cool_down" in run.lines


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", LEAVING, ids=lambda error: type(error).__name__)
def test_case_04_an_error_that_means_to_leave_is_a_failed_start_like_any_other(
    kind: type[Actor], error: BaseException
) -> None:
    """★ Fails without: `except BaseException as raised:` in thread_host.py (with `Exception` in its place)."""
    with running(spec("b", kind), spec("a", kind, required=False)) as run:
        run.when("a#1", "warm_up", raising(error))
        run.begin().up("a", 2)
        assert run.node("a")["restarts"] == {"start_error": 1}
        assert run.node("b")["generation"] == 1
        assert "b#1 cool_down" not in run.lines
        until(lambda: run.threads() == {"b#1", "a#2"})
        assert run.registered() == 3  # these two, and the supervisor


@pytest.mark.parametrize("error", LEAVING, ids=lambda error: type(error).__name__)
def test_case_04_an_error_that_means_to_leave_while_the_actor_is_made_is_one_too(error: BaseException) -> None:
    """★ Fails without: `except BaseException as raised:` in thread_host.py (with `Exception` in its place)."""
    with running(spec("a")) as run:
        run.when("a", "new", raising(error))
        assert EXIT_CODES[run.begin().ended()] == 69
        assert run.reasons("a") == ["start_error"]
        until(lambda: run.threads() == set())
        assert run.registered() == 0


# -- 5: a start that does not end


def test_case_05_a_start_that_does_not_end_is_given_up_and_only_then_the_next_child_starts() -> None:
    """★ Fails without: `self._limit(self.spec.keys.start.timeout, ...)` in actor_node.py."""
    slow = actor("a", required=False, start={"timeout": "3s"}, backoff={"first": "1s", "jitter": 0})
    bench = Bench(supervisor("root", slow, actor("b"))).boot(ready=False)
    bench.advance(2.999)
    assert bench.taken() == ["start a"]
    bench.advance(0.001)
    assert bench.taken() == ["abandon a", "start_timeout a", "start b"]
    bench.ready("b")
    assert bench.tree.booted
    assert bench.node("a").restarts == {"start_timeout": 1}


def test_case_05_what_a_start_that_was_given_up_reports_later_is_not_heard() -> None:
    """★ Fails without: `generation == self.generation and` in `ready` of actor_node.py; and without
    `elif event.generation == node.generation:` in tree.py together with what `down` of actor_node.py asks first."""
    bench = Bench(supervisor("root", actor("a", required=False, start={"timeout": "3s"}))).boot(ready=False)
    bench.advance(3.0)
    assert bench.generation("a") == 2
    bench.tree.handle(Ready("a", 1))
    assert bench.state("a") is State.STARTING
    bench.ready("a")
    bench.down("a", Ending("crash", RuntimeError("late")), generation=1)
    assert bench.state("a") is State.UP
    assert bench.node("a").restarts == {"start_timeout": 1}


def test_case_05_a_real_start_that_ends_too_late_changes_nothing() -> None:
    """★ Fails without: `self._limit(self.spec.keys.start.timeout, ...)` in actor_node.py."""
    with running(spec("a", required=False, start={"timeout": "50ms"})) as run:
        gate = run.gate()
        run.when("a#1", "warm_up", lambda _: gate.wait())
        run.begin().up("a", 2)
        assert run.node("a")["zombies"] == 1
        gate.set()
        until(lambda: run.node("a")["zombies"] == 0)
        run.tell("a", "hello")
        run.written("a#2 hello")
        assert run.node("a")["restarts"] == {"start_timeout": 1}
        assert [line for line in run.lines if line.startswith("a#1")] == ["a#1 new", "a#1 warm_up"]


# -- 6 to 8: children that are not needed, or not required


@pytest.mark.parametrize("restart", ["permanent", "transient"])
def test_case_06_a_child_that_is_not_needed_is_done_and_the_boot_goes_on(restart: str) -> None:
    bench = Bench(supervisor("root", actor("a", restart=restart), actor("b"), intensity=0)).boot(ready=False)
    bench.down("a", Ending("ignored", Ignore("nothing to do")))
    bench.all_ready()
    bench.advance(600.0)
    assert bench.states() == {"root": "up", "a": "done", "b": "up"}
    assert bench.generation("a") == 1


def test_case_06_a_temporary_child_that_is_not_needed_is_removed() -> None:
    bench = Bench(supervisor("root", actor("a", restart="temporary"), actor("b"), intensity=0)).boot(ready=False)
    bench.down("a", Ending("ignored", Ignore("nothing to do")))
    bench.all_ready()
    assert bench.states() == {"root": "up", "b": "up"}


@pytest.mark.parametrize("kind", KINDS)
def test_case_06_an_actor_says_so_by_raising_ignore(kind: type[Actor]) -> None:
    with running(spec("a", kind), spec("b", kind)) as run:
        run.when("a", "warm_up", raising(Ignore("nothing to do")))
        run.begin().up("b")
        assert run.state("a") == "done"
        assert run.reasons("a") == ["ignored"]


def test_case_07_when_the_third_of_five_fails_those_before_stop_in_reverse_and_the_others_are_never_made() -> None:
    with running(*(spec(name) for name in "abcde")) as run:
        run.when("c", "warm_up", raising(RuntimeError("no")))
        assert EXIT_CODES[run.begin().ended()] == 69
        assert run.lines == [
            *("a#1 new", "a#1 warm_up", "b#1 new", "b#1 warm_up", "c#1 new", "c#1 warm_up"),
            *("b#1 cool_down", "a#1 cool_down"),
        ]


def test_case_07_the_one_before_stops_only_once_the_one_behind_it_has() -> None:
    bench = Bench(supervisor("root", *(actor(name) for name in "abcde")), obedient=False).boot(ready=False)
    bench.ready("a")
    bench.ready("b")
    bench.taken()
    bench.down("c", failed_start())
    assert bench.taken() == ["start_error c", "stop b"]
    bench.down("b", Ending("stopped"))
    assert bench.taken() == ["stop a"]
    assert bench.ending is None
    bench.down("a", Ending("stopped"))
    assert bench.ending is not None
    assert EXIT_CODES[bench.ending.reason] == 69


def test_case_08_the_boot_goes_on_without_a_child_that_is_not_required() -> None:
    keys: dict[str, Any] = {"required": False, "backoff": {"first": "1s", "jitter": 0}}
    bench = Bench(supervisor("root", actor("a", **keys), actor("b"))).boot(ready=False)
    bench.down("a", failed_start())
    bench.ready("b")
    assert bench.tree.booted
    assert bench.states() == {"root": "up", "a": "backoff", "b": "up"}
    bench.advance(1.0)
    bench.ready("a")
    assert bench.state("a") is State.UP


# -- 9 and 10: making an actor


@pytest.mark.parametrize("kind", KINDS)
def test_case_09_making_a_child_slowly_delays_no_other(kind: type[Actor]) -> None:
    """★ Fails without: `child.start(self.arguments_of(child))` for one_for_one in supervisor_node.py (queue up instead)
    and `thread.start()` in thread_host.py (with `thread.run()` in its place)."""
    with running(spec("slow", kind), spec("a", kind)) as run:
        gate = run.gate()
        run.when("slow#2", "new", lambda _: gate.wait())
        for message in ("slow", "a"):
            run.when(message, "boom", raising(RuntimeError("boom")))
        run.begin().up("a")
        run.tell("slow", "boom")
        run.written("slow#2 new")
        run.tell("a", "boom")
        run.up("a", 2)
        assert run.state("slow") == "starting"
        gate.set()
        run.up("slow", 2)


def refuse_threads(monkeypatch: pytest.MonkeyPatch, *, only: str = "") -> None:
    """Have no thread start from now on whose name begins so."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith(only):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)


def test_case_10_a_thread_that_cannot_be_started_counts_and_leaves_no_actor_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """★ Fails without: `self._withdraw()  # Pykka has registered it already` in thread_host.py."""
    refuse_threads(monkeypatch, only="a#1")
    with running(spec("b"), spec("a", required=False)) as run:
        run.begin().up("a", 2)
        assert run.node("a")["restarts"] == {"no_thread": 1}
        assert run.node("root")["intensity_used"] == 1 / 5
        assert run.registered() == 3  # b, the second a, and the supervisor


def test_case_10_two_in_a_row_end_the_process_with_71() -> None:
    """★ Fails without: `if self._threadless >= MOST_THREADLESS:` in tree.py, and the line below it."""
    bench = Bench(supervisor("root", actor("a"), actor("b"), actor("c"), intensity=9)).boot()
    bench.crash("a")
    bench.advance(0.0)
    bench.down("a", Ending("no_thread", RuntimeError("can't start new thread")))
    assert bench.ending is None
    bench.taken()
    bench.crash("b")
    bench.advance(0.0)
    bench.down("b", Ending("no_thread", RuntimeError("can't start new thread")))
    assert bench.taken()[-2:] == ["no_thread b", "stop c"]
    assert bench.ending is not None
    assert EXIT_CODES[bench.ending.reason] == 71


def test_case_10_two_that_are_not_in_a_row_do_not() -> None:
    bench = Bench(supervisor("root", actor("a"), intensity=9)).boot()
    for _ in range(2):
        bench.crash("a")
        bench.advance(4.0)
        bench.down("a", Ending("no_thread", RuntimeError("can't start new thread")))
        bench.advance(4.0)
        bench.ready("a")
    assert bench.ending is None
    assert bench.node("a").restarts == {"crash": 2, "no_thread": 2}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folder", [False, True], ids=["", "with crash reports"])
def test_case_10_when_no_thread_starts_at_all_the_process_ends_with_71(
    kind: type[Actor], folder: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """★ Fails without: `if self._threadless >= MOST_THREADLESS:` in tree.py, and the line below it."""
    settings = SettingKeys.model_validate({"crash_reports": {"dir": str(tmp_path) if folder else None}})
    with running(spec("b", kind), spec("a", kind), settings=settings) as run:
        run.when("a", "boom", raising(RuntimeError("boom")))
        run.begin().up("a")
        refuse_threads(monkeypatch)
        run.tell("a", "boom")
        assert EXIT_CODES[run.ended()] == 71
        assert "b#1 cool_down" in run.lines
        until(lambda: run.registered() == 0)


def test_case_10_when_no_thread_starts_a_hang_ends_the_process_with_71_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """★ Fails without: `if self._threadless >= MOST_THREADLESS:` in tree.py, and the line below it."""
    settings = SettingKeys.model_validate({"hang_poll": "10ms"})
    with running(spec("a", hang={"warn_after": "20ms", "after": "40ms"}), settings=settings) as run:
        gate = run.gate()
        run.when("a", "stuck", lambda _: gate.wait())
        run.begin().up("a")
        refuse_threads(monkeypatch)
        run.tell("a", "stuck")
        assert EXIT_CODES[run.ended()] == 71


# -- 11: an actor that says itself when it is ready


@pytest.mark.parametrize("kind", KINDS)
def test_case_11_with_explicit_readiness_a_child_is_up_once_it_says_so(kind: type[Actor]) -> None:
    with running(spec("a", kind, start={"ready": "explicit"}), spec("b", kind)) as run:
        run.when("a", "now", lambda actor: actor.ready())
        run.begin().tell("a", "one")
        run.written("a#1 one")
        assert run.state("a") == "starting"
        assert run.state("b") == "idle"
        run.tell("a", "now")
        run.up("b")
        assert run.state("a") == "up"


@pytest.mark.parametrize("kind", KINDS)
def test_case_11_what_it_is_told_before_is_queued_in_order(kind: type[Actor]) -> None:
    messages = [f"message {n}" for n in range(20)]
    with running(spec("a", kind, start={"ready": "explicit"})) as run:
        gate = run.gate()
        run.when("a", "warm_up", lambda _: gate.wait())
        run.when("a", messages[-1], lambda actor: actor.ready())
        run.begin().written("a#1 warm_up")
        run.tell("a", *messages)
        gate.set()
        run.up("a")
        assert [line for line in run.lines if "message" in line] == [f"a#1 {message}" for message in messages]
        assert run.letters() == {}


def test_case_11_one_that_never_says_so_is_given_up() -> None:
    with running(spec("a", start={"ready": "explicit", "timeout": "50ms"})) as run:
        assert EXIT_CODES[run.begin().ended()] == 69
        assert run.supervisor.ending is not None
        assert str(run.supervisor.ending.error) == "was not ready within 0.05 s"
