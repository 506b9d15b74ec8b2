"""Part B of the conformance cases: what becomes of a child that has ended, by its restart type."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from livermore.errors import Finished
from livermore.settings import Options
from livermore.supervision.actor import Actor
from livermore.supervision.events import Add, Ending, Started, Stop
from livermore.supervision.spec import ActorKeys, ActorSpec
from livermore.supervision.state import State
from tests.conformance.support import KINDS, Run, Scripted, is_gone, raising, running, spec, until
from tests.support.trees import Bench, Nobody, actor, supervisor

CRASH = Ending("crash", RuntimeError("boom"))
FINISHED = Ending("finished", Finished("all is read"))
ANYTHING = [
    *(RuntimeError("boom"), SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError()),
    *(GeneratorExit(), StopIteration(), pytest.fail.Exception("within an actor")),
]
TYPES = ["permanent", "transient", "temporary"]


@pytest.mark.parametrize(
    ("restart", "after_finishing", "after_a_stop", "after_a_crash"),
    [
        ("permanent", "starting", "idle", "starting"),
        ("transient", "done", "idle", "starting"),
        ("temporary", None, None, None),
    ],
)
def test_case_12_each_restart_type_after_each_kind_of_end(
    restart: str, after_finishing: str | None, after_a_stop: str | None, after_a_crash: str | None
) -> None:
    def after(ending: Ending | None) -> str | None:
        bench = Bench(supervisor("root", actor("a", restart=restart), actor("b"))).boot()
        if ending is None:
            bench.do(Stop("a"))
        else:
            bench.down("a", ending)
        bench.advance(1.0)
        assert bench.states()["b"] == "up"
        return bench.states().get("a")

    assert after(FINISHED) == after_finishing
    assert after(None) == after_a_stop
    assert after(CRASH) == after_a_crash


@pytest.mark.parametrize("restart", TYPES)
def test_case_12_only_an_end_that_leads_to_a_restart_counts(restart: str) -> None:
    used = []
    for ending in (FINISHED, None, CRASH):
        bench = Bench(supervisor("root", actor("a", restart=restart))).boot()
        if ending is None:
            bench.do(Stop("a"))
        else:
            bench.down("a", ending)
        used.append(len(bench.tree.root.intensity.times))
    assert used == {"permanent": [1, 0, 1], "transient": [0, 0, 1], "temporary": [0, 0, 0]}[restart]


@pytest.mark.parametrize("kind", KINDS)
def test_case_13_a_transient_child_that_ends_well_with_a_detail_is_not_restarted(kind: type[Actor]) -> None:
    with running(spec("a", kind, restart="transient"), intensity=0) as run:
        run.when("a", "end", raising(Finished("all 17 files are read")))
        run.begin().up("a")
        run.tell("a", "end")
        until(lambda: run.state("a") == "done")
        assert run.node("a")["last_error"] == "finished: all 17 files are read"
        assert run.node("a")["restarts"] == {}
        assert run.node("a")["generation"] == 1


# -- 14: a temporary child is forgotten


def temporary(kind: type[Actor], path: str) -> ActorSpec:
    """One that can be watched as it goes: no timer of it is longer than a moment."""
    times = {"backoff": {"reset_after": "0s"}, "start": {"timeout": "200ms"}, "shutdown": "200ms"}
    keys = ActorKeys.model_validate({"id": path, "class": "tests:x", "restart": "temporary", **times})
    return ActorSpec(path, keys, kind, Options())


def test_case_14_the_tree_keeps_nothing_of_a_temporary_child_that_has_ended() -> None:
    bench = Bench(supervisor("root", actor("b"))).boot()
    made = temporary(Nobody, "a")
    references = [weakref.ref(made), weakref.ref(made.options)]
    bench.do(Add("root", made))
    bench.ready("a")
    assert bench.answered() == [Started("a")]
    references.append(weakref.ref(bench.node("a")))
    del made
    gc.collect()
    assert all(reference() is not None for reference in references)
    bench.crash("a")
    bench.advance(1.0)
    assert "a" not in bench.states()
    gc.collect()
    assert [reference() for reference in references] == [None, None, None]


def add_temporary(run: Run) -> list[weakref.ref[Any]]:
    """References to a temporary child, its specification and its options."""
    made = temporary(Scripted, "a")
    references: list[weakref.ref[Any]] = [weakref.ref(made), weakref.ref(made.options)]
    run.when("a", "warm_up", lambda one: references.append(weakref.ref(one)))
    assert run.do(Add("root", made)) == Started("a")
    assert len(references) == 3
    return references


@pytest.mark.parametrize("word", ["end", "stop"])
def test_case_14_nothing_is_kept_of_a_real_temporary_child_that_has_ended(word: str) -> None:
    with running(spec("b")) as run:
        run.when("a", "end", raising(Finished("all is read")))
        run.begin().up("b")
        references = add_temporary(run)
        if word == "stop":
            run.do(Stop("a"))
        else:
            run.tell("a", "end")
        until(lambda: run.node("a") == {})
        run.downs.clear()  # this test's own, which hold the error, and its traceback the actor
        until(lambda: all(is_gone(reference) for reference in references))


# -- 15: a temporary bystander


@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
def test_case_15_a_temporary_bystander_is_not_restarted_and_counts_nothing(strategy: str) -> None:
    children = (actor("a"), actor("t", restart="temporary"), actor("c"))
    bench = Bench(supervisor("root", *children, strategy=strategy, intensity=1)).boot()
    bench.taken()
    bench.crash("a")
    bench.advance(0.0)
    bench.all_ready()
    assert bench.taken() == ["crash a", "stop c", "stop t", "start a", "start c"]
    assert bench.states() == {"root": "up", "a": "up", "c": "up"}
    assert len(bench.tree.root.intensity.times) == 1


@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
@pytest.mark.parametrize("ending", [Ending("stopped"), CRASH], ids=["stops", "crashes"])
def test_case_15_nor_is_one_that_takes_its_time_to_stop(strategy: str, ending: Ending) -> None:
    children = (actor("a"), actor("t", restart="temporary"), actor("c"))
    bench = Bench(supervisor("root", *children, strategy=strategy, intensity=1), obedient=False).boot()
    bench.crash("a")
    bench.advance(0.1)  # the back-off of a is over before the others have stopped
    bench.down("c", Ending("stopped"))
    bench.down("t", ending)
    bench.all_ready()
    assert bench.states() == {"root": "up", "a": "up", "c": "up"}
    assert bench.generation("t") == 1
    assert len(bench.tree.root.intensity.times) == 1


@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
def test_case_15_nor_is_a_real_one(strategy: str) -> None:
    with running(spec("a"), spec("t", restart="temporary"), spec("c"), strategy=strategy) as run:
        run.when("a", "boom", raising(RuntimeError("boom")))
        run.begin().up("c")
        run.tell("a", "boom")
        run.up("c", 2)
        assert run.node("t") == {}
        assert "t#2 new" not in run.lines


# -- 17 and 18: errors where they hurt


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", ANYTHING, ids=lambda error: type(error).__name__)
def test_case_17_whatever_an_actor_raises_over_a_message_only_it_is_restarted(
    kind: type[Actor], error: BaseException
) -> None:
    """★ Fails without: `except BaseException as raised:` in thread_host.py and `except BaseException as error:` in
    loop_actor.py (with `Exception` in their places)."""
    with running(spec("a", kind), spec("b", kind)) as run:
        run.when("a#1", "boom", raising(error))
        run.begin().up("b")
        run.tell("a", "boom")
        run.up("a", 2)
        assert run.reasons("a") == ["crash"]
        assert run.node("a")["restarts"] == {"crash": 1}
        assert run.node("b")["generation"] == 1
        assert "b#1 cool_down" not in run.lines
        run.tell("a", "hello")
        run.written("a#2 hello")
        until(lambda: run.registered() == 3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", ANYTHING[:4], ids=lambda error: type(error).__name__)
def test_case_18_an_error_during_a_stop_still_gives_one_down(kind: type[Actor], error: BaseException) -> None:
    """★ Fails without: `self._incarnation.end(error)` in the `finally` of thread_host.py."""
    with running(spec("a", kind), spec("b", kind)) as run:
        run.when("a", "cool_down", raising(error))
        run.begin().up("b")
        run.do(Stop("a"))
        assert run.state("a") == "idle"
        assert run.shut_down() == "stopped"
        assert run.reasons("a") == ["crash"]
        assert run.reasons("b") == ["stopped"]
        assert run.supervisor.incarnations.failures.abandoned == 0


class Opened:
    """What an actor has opened: notes that it is closed, and may fail at it."""

    def __init__(self, run: Run, name: str, error: BaseException | None = None) -> None:
        self._run, self._name, self._error = run, name, error

    def close(self) -> None:
        self._run.script.lines.append(f"{self._name} closed")
        if self._error is not None:
            raise self._error


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", ANYTHING[:4], ids=lambda error: type(error).__name__)
def test_case_18_an_error_while_clearing_up_after_a_failure_still_gives_one_down(
    kind: type[Actor], error: BaseException
) -> None:
    """★ Fails without: `self._incarnation.end(error)` in the `finally` of thread_host.py."""
    with running(spec("a", kind)) as run:
        run.when("a#1", "warm_up", lambda one: one.keep(Opened(run, "the connection", error)))
        run.when("a#1", "boom", raising(RuntimeError("boom")))
        run.begin().up("a")
        run.tell("a", "boom")
        run.up("a", 2)
        assert "the connection closed" in run.lines
        assert run.reasons("a") == ["crash"]
        assert run.node("a")["restarts"] == {"crash": 1}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["boom", "stop"])
def test_case_18_what_else_an_actor_has_opened_is_closed_all_the_same(kind: type[Actor], word: str) -> None:
    with running(spec("a", kind)) as run:

        def open_two(one: Any) -> None:
            one.keep(Opened(run, "the first"))
            one.keep(Opened(run, "the second", OSError("it was broken")))

        run.when("a#1", "warm_up", open_two)
        run.when("a", "boom", raising(RuntimeError("boom")))
        run.begin().up("a")
        if word == "stop":
            run.do(Stop("a"))
        else:
            run.tell("a", "boom")
            run.up("a", 2)
        assert [line for line in run.lines if line.endswith("closed")] == ["the second closed", "the first closed"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("moment", ["cool_down", "boom"])
def test_case_18_what_still_waits_in_its_mailbox_is_counted_as_dead(kind: type[Actor], moment: str) -> None:
    """★ Fails without: `self.mail.close(incarnation.spec, incarnation.mailbox, ending.reason)` in incarnations.py."""
    with running(spec("a", kind)) as run:
        gate = run.gate()
        run.when("a#1", "busy", lambda _: gate.wait())
        run.when("a#1", moment, raising(RuntimeError("boom")))
        run.begin().up("a")
        run.tell("a", "busy", "boom", *["late"] * 100)
        run.written("a#1 busy")
        if moment == "cool_down":
            run.supervisor.incarnations.stop("a")
        gate.set()
        until(lambda: run.reasons("a"))
        assert "a#1 late" not in run.lines
        assert run.reasons("a") == ["crash"]
        assert run.letters() == {("a", "crash"): 101 if moment == "cool_down" else 100}


def test_case_18_the_reason_for_which_it_was_stopped_does_not_hide_the_error() -> None:
    bench = Bench(supervisor("root", actor("a")), obedient=False).boot()
    bench.do(Stop("a"))
    bench.down("a", CRASH)
    assert bench.state("a") is State.IDLE
    assert bench.node("a").ending == CRASH
