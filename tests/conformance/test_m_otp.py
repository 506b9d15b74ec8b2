"""Part M of the conformance cases: what OTP's own tests say and no case before says; `docs/otp.md` has the list."""

import gc
import importlib
import json
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pykka
import pytest
from structlog.testing import capture_logs

from livermore.errors import Finished, Ignore, Permanent
from livermore.strict_yaml import parse
from livermore.supervision.crash_reports import LONGEST
from livermore.supervision.events import Add, Ending, Refused, Remove, Restart, Start, Started, Stop, Stopped
from livermore.supervision.loading import load_tree
from livermore.supervision.spec import ActorSpec, NodeSpec, SupervisorSpec
from livermore.supervision.state import State
from livermore.supervision.thread_host import ThreadHost
from livermore.supervision.tree import EXIT_CODES
from tests.conformance.support import KINDS, group, raising, running, spec, until
from tests.conformance.support_f import AT_ONCE, Calm, House, doer
from tests.support.trees import actor, supervisor

CRASH = Ending("crash", RuntimeError("boom"))
FAILED = Ending("start_error", RuntimeError("no"))
FINISHED = Ending("finished", Finished("all is read"))
IGNORED = Ending("ignored", Ignore("nothing to do"))
STRATEGIES = ["one_for_one", "one_for_all", "rest_for_one"]
TYPES = ["permanent", "transient", "temporary"]
KEPT = TYPES[:2]


def booted(*children: NodeSpec, **keys: Any) -> Calm:
    """A tree ``root`` of these children, which are up."""
    bench = Calm(supervisor("root", *children, **keys))
    bench.boot()
    return bench.examined()


def added(*children: NodeSpec, **keys: Any) -> Calm:
    """The same tree, whose children no file knows: they are added while it runs."""
    bench = booted(**keys)
    for child in children:
        bench.do(Add("root", child))
        bench.all_ready()
    return bench.examined()


Make = Callable[..., Calm]
either = pytest.mark.parametrize("make", [booted, added])
"""Children of a file, and children that are added: to OTP these are two kinds of supervisor."""


def failures(bench: Calm) -> int:
    """How many failures the root counts."""
    return bench.tree.root.intensity.used(bench.clock.monotonic())


def reason_of_the_end(bench: Calm) -> str | None:
    return None if bench.ending is None else bench.ending.reason


# -- children that say they are not needed


def test_a_supervisor_that_is_disabled_is_not_started_and_nobody_fails_for_it() -> None:
    bench = Calm(supervisor("root", supervisor("s", actor("s/x"), enabled=False), actor("b"), intensity=0))
    bench.boot()
    assert bench.tree.booted
    assert bench.taken() == ["start b"]
    assert bench.states() == {"root": "up", "s": "disabled", "s/x": "idle", "b": "up"}
    bench.shut_down()
    assert bench.ending == Ending("stopped")


@either
@pytest.mark.parametrize("restart", KEPT)
def test_a_child_that_ignores_its_start_is_done_and_a_permanent_one_too(make: Make, restart: str) -> None:
    """It does so at its second restart; the first one is like any other."""
    bench = make(actor("a", restart=restart), actor("b"))
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    assert (bench.state("a"), bench.generation("a")) == (State.UP, 2)
    bench.crash("a")
    bench.advance(0.2)
    bench.down("a", IGNORED)
    bench.advance(600.0)
    assert bench.states() == {"root": "up", "a": "done", "b": "up"}
    assert bench.generations() == {"a": 3, "b": 1}
    bench.shut_down()
    assert bench.ending == Ending("stopped")


@pytest.mark.parametrize("restart", KEPT)
def test_one_that_is_added_and_ignores_its_start_is_done_too_and_listed_beside_the_others(restart: str) -> None:
    bench = added(actor("b"), intensity=0)
    bench.do(Add("root", actor("a", restart=restart)))
    bench.down("a", IGNORED)
    assert len(bench.answered()) == 1
    bench.advance(600.0)
    assert {path: node["state"] for path, node in bench.shown().items()} == {"root": "up", "b": "up", "a": "done"}
    bench.shut_down()
    assert bench.ending == Ending("stopped")


def test_a_temporary_one_that_is_added_and_ignores_its_start_is_not_kept_and_another_one_may_have_its_name() -> None:
    bench = added(actor("b", restart="temporary"))
    bench.do(Add("root", actor("a", restart="temporary")))
    bench.down("a", IGNORED)
    assert len(bench.answered()) == 1
    assert bench.states() == {"root": "up", "b": "up"}
    bench.do(Add("root", actor("a", restart="temporary")))
    bench.all_ready()
    assert bench.answered() == [Started("a")]


# -- starts by request that fail


@pytest.mark.parametrize("restart", TYPES)
def test_one_that_is_added_and_does_not_start_is_answered_with_the_reason_and_not_kept(restart: str) -> None:
    bench = added(actor("b"))
    bench.do(Add("root", actor("a", restart=restart)))
    bench.down("a", FAILED)
    assert bench.answered() == [Refused("a", "start_error: no")]
    assert bench.states() == {"root": "up", "b": "up"}
    assert failures(bench) == 0


@either
def test_a_child_that_is_stopped_and_does_not_start_again_is_answered_with_the_reason_and_stays_listed(
    make: Make,
) -> None:
    bench = make(actor("a"), actor("b"), intensity=0)
    bench.do(Stop("a"))
    bench.do(Start("a"))
    bench.down("a", FAILED)
    assert bench.answered() == [Stopped("a"), Refused("a", "start_error: no")]
    bench.advance(600.0)
    assert bench.states() == {"root": "up", "a": "idle", "b": "up"}
    bench.do(Start("a"))
    bench.all_ready()
    assert bench.answered() == [Started("a")]
    assert failures(bench) == 0


def test_one_that_is_added_and_finds_its_place_taken_is_refused_with_the_holder_and_the_tree_still_stops() -> None:
    with running(spec("b")) as run:
        run.when("a", "warm_up", raising(Permanent("process 17 has the name")))
        run.begin().up("b")
        answer = run.do(Add("root", spec("a", restart="transient")))
        assert answer == Refused("a", "permanent: process 17 has the name")
        assert run.shut_down() == "stopped"
        assert run.reasons("b") == ["stopped"]


def call_what_is_not_there(_: Any) -> None:
    importlib.import_module("math").nothing()


@pytest.mark.parametrize("kind", KINDS)
def test_a_boot_that_fails_says_which_child_has_failed_why_and_where(kind: Any) -> None:
    with running(spec("b", kind), group("s", spec("s/a", kind))) as run:
        run.when("s/a", "warm_up", call_what_is_not_there)
        assert EXIT_CODES[run.begin().ended()] == 69
        incarnations = run.supervisor.incarnations
        assert run.supervisor.ending is not None
        assert isinstance(run.supervisor.ending.error, AttributeError)
        assert incarnations.failures.last == ("s/a", "start_error: module 'math' has no attribute 'nothing'")
        (report,) = incarnations.failures.reports.newest
        assert (report["actor"], report["exception"]) == ("s/a", "AttributeError")
        assert "in call_what_is_not_there" in report["traceback"]


# -- files


def loaded(*children: dict[str, Any]) -> SupervisorSpec:
    """The tree of a file with these children."""
    common = {"allow_modules": ["tests.conformance"]}
    file = {"version": 1, "settings": common, "modes": {"test": {"id": "root", "children": list(children)}}}
    return load_tree(parse(json.dumps(file), "tree.yaml"), "test", {}, {}).root


CALM = "tests.conformance.actors:Calm"


def test_what_a_file_does_not_say_has_the_default_of_its_kind_and_what_it_says_is_kept() -> None:
    root = loaded(
        {"id": "a", "class": CALM}, {"id": "s", "children": []}, {"id": "b", "class": CALM, "shutdown": "brutal"}
    )
    a, s, b = (child.keys for child in root.children)
    assert (a.restart, a.shutdown) == ("permanent", 5.0)
    assert (s.restart, s.shutdown) == ("permanent", float("inf"))
    assert (b.restart, b.shutdown) == ("permanent", 0.0)
    keys = root.keys
    assert (keys.strategy, keys.intensity, keys.period) == ("one_for_one", 5, 60.0)


def test_every_restart_type_goes_with_every_limit_for_actors_and_supervisors_alike() -> None:
    limits = {"brutal": 0.0, "0s": 0.0, "250ms": 0.25, "infinity": float("inf")}
    kinds: list[dict[str, Any]] = [{"class": CALM}, {"children": []}]
    wanted = [(kind, restart, limit) for kind in kinds for restart in TYPES for limit in limits]
    children = loaded(
        *(
            {"id": f"n{number}", **kind, "restart": restart, "shutdown": limit}
            for number, (kind, restart, limit) in enumerate(wanted)
        )
    ).children
    assert [(isinstance(one, ActorSpec), one.keys.restart, one.keys.shutdown) for one in children] == [
        ("class" in kind, restart, limits[limit]) for kind, restart, limit in wanted
    ]


# -- stops


def test_a_supervisor_that_is_stopped_by_request_ends_each_child_as_its_own_limit_says() -> None:
    inner = supervisor("s", actor("s/a"), actor("s/b", shutdown="brutal"), actor("s/c", shutdown="1s"))
    bench = booted(inner, actor("z"), intensity=0)
    bench.obedient = False
    bench.do(Stop("s"))
    bench.advance(0.875)
    assert bench.taken() == ["stop s/c"]
    bench.advance(0.125)
    assert bench.taken() == ["abandon s/c", "abandoned s/c", "abandon s/b", "stop s/a"]
    assert bench.answered() == []
    bench.down("s/a", Ending("stopped"))
    assert bench.answered() == [Stopped("s")]
    assert bench.states() == {"root": "up", "s": "idle", "s/a": "idle", "s/b": "idle", "s/c": "idle", "z": "up"}
    assert failures(bench) == 0


def test_a_stop_that_nobody_waits_for_any_more_goes_on() -> None:
    with running(group("s", spec("s/a"), spec("s/b"))) as run:
        gate = run.gate()
        run.when("s/b", "busy", lambda _: gate.wait())
        run.begin().up("s/b")
        run.tell("s/b", "busy")
        run.written("s/b#1 busy")
        with pytest.raises(TimeoutError, match="it goes on"):
            run.supervisor.operate(Stop("s"), 0.01)
        assert run.state("s") == "stopping"
        gate.set()
        until(lambda: run.state("s") == "idle")
        assert (run.reasons("s/a"), run.reasons("s/b")) == (["stopped"], ["stopped"])


def test_added_children_have_their_time_to_stop_and_the_one_that_takes_longer_is_given_up() -> None:
    bench = added(*(actor(name, shutdown="2s") for name in "abc"))
    bench.obedient = False
    began = bench.clock.monotonic()
    bench.shut_down()
    for name, then in (("c", ["stop b"]), ("b", ["abandon b", "abandoned b", "stop a"]), ("a", [])):
        bench.taken()
        bench.advance(1.0)
        assert bench.taken() == []
        if name == "b":
            bench.advance(1.0)
        else:
            bench.down(name, Ending("stopped"))
        assert bench.taken() == then
    assert bench.ending == Ending("stopped")
    assert bench.clock.monotonic() - began == 4.0


def test_added_children_that_are_to_end_brutally_are_not_even_asked() -> None:
    names = [f"t{number}" for number in range(10)]
    bench = added(*(actor(name, restart="temporary", shutdown="brutal") for name in names))
    bench.obedient = False
    bench.shut_down()
    assert bench.taken() == [f"abandon {name}" for name in reversed(names)]
    assert bench.ending == Ending("stopped")


@pytest.mark.parametrize("restart", TYPES)
@pytest.mark.parametrize("reason", ["stopped", "finished", "crash", "permanent"])
def test_added_children_that_end_in_another_way_as_they_are_stopped_keep_their_reason_and_hinder_nothing(
    reason: str, restart: str
) -> None:
    bench = added(*(actor(name, restart=restart) for name in "abc"), intensity=0)
    bench.obedient = False
    bench.shut_down()
    error = None if reason == "stopped" else RuntimeError(reason)
    said = ["stop c"]
    for name, then in (("c", ["stop b"]), ("b", ["stop a"]), ("a", [])):
        bench.down(name, Ending(reason, error))
        said += [*([f"{reason} {name}"] if error else []), *then]
    bench.advance(600.0)
    assert bench.taken() == said
    assert bench.ending == Ending("stopped")


@pytest.mark.parametrize("kind", KINDS)
def test_an_actor_that_has_been_taken_out_of_pykkas_registry_is_stopped_all_the_same(kind: Any) -> None:
    with running(spec("a", kind), spec("b", kind)) as run:
        run.begin().up("b")
        for reference in pykka.ActorRegistry.get_all():
            host = reference._actor_weakref()
            if isinstance(host, ThreadHost) and host._incarnation.path == "a":
                pykka.ActorRegistry.unregister(reference)
        assert run.registered() == 2  # b, and the supervisor
        run.tell("a", "hello")
        run.written("a#1 hello")
        assert run.do(Stop("a")) == Stopped("a")
        assert run.reasons("a") == ["stopped"]
        until(lambda: run.threads() == {"b#1"})


# -- restarts

RENEWED = {"one_for_one": {"b"}, "one_for_all": {"a", "b", "c"}, "rest_for_one": {"b", "c"}}


@either
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_two_failures_are_mended_as_the_strategy_says_and_the_third_is_one_too_many(make: Make, strategy: str) -> None:
    bench = make(actor("a"), actor("b"), actor("c"), strategy=strategy, intensity=2)
    for _ in range(2):
        before = bench.generations()
        bench.crash("b")
        bench.advance(1.0)
        bench.all_ready()
        assert bench.renewed(before) == RENEWED[strategy]
        assert bench.states() == dict.fromkeys(("root", "a", "b", "c"), "up")
    bench.taken()
    bench.crash("b")
    bench.advance(600.0)
    assert bench.taken() == ["crash b", "exhausted root", "stop c", "stop a"]
    assert reason_of_the_end(bench) == "exhausted"


@either
@pytest.mark.parametrize(
    ("strategy", "first"), [("one_for_one", "b"), ("one_for_all", "a"), ("rest_for_one", "a"), ("one_for_all", "c")]
)
def test_a_child_that_cannot_be_started_again_ends_its_supervisor_and_the_others_with_it(
    make: Make, strategy: str, first: str
) -> None:
    bench = make(actor("a"), actor("b"), actor("c"), strategy=strategy, intensity=4)
    bench.crash(first)
    for attempt in range(4):
        assert bench.ending is None, f"attempt {attempt} was one too many"
        bench.advance(4.0)
        while bench.state("b") is not State.STARTING:
            bench.ready("a")
        bench.down("b", FAILED)
    assert reason_of_the_end(bench) == "exhausted"
    assert bench.states() == dict.fromkeys(("root", "a", "b", "c"), "idle")
    assert bench.log.count("start_error b") == 4
    bench.advance(600.0)
    assert not [word for word in bench.taken()[-3:] if word.startswith("start ")]


@either
def test_one_that_has_done_its_work_can_be_started_again_by_request(make: Make) -> None:
    bench = make(actor("a", restart="transient"), actor("b"), intensity=0)
    for generation in (1, 2):
        bench.down("a", FINISHED)
        bench.advance(600.0)
        assert (bench.state("a"), bench.generation("a")) == (State.DONE, generation)
        bench.do(Start("a"))
        bench.all_ready()
        assert bench.answered() == [Started("a")]
    assert bench.states() == {"root": "up", "a": "up", "b": "up"}


def test_the_fall_of_one_supervisor_brings_back_all_of_them_as_the_file_has_them() -> None:
    """The one that was stopped by request, too; what was added is gone."""
    three = (
        supervisor("x", actor("x/a"), actor("x/b"), intensity=2),
        supervisor("y", actor("y/a")),
        supervisor("z", actor("z/a"), restart="transient"),
    )
    bench = booted(*three, strategy="one_for_all")
    bench.do(Stop("z"))
    bench.do(Add("x", actor("x/new")))
    bench.all_ready()
    assert bench.answered() == [Stopped("z"), Started("x/new")]
    before = bench.generations()
    bench.crash("x/new")
    bench.advance(0.0)
    bench.all_ready()
    assert bench.renewed(before) == {"x/new"}
    assert bench.state("z") is State.IDLE
    bench.crash("x/a")
    bench.advance(0.0)
    bench.taken()
    bench.down("x/a", FAILED)
    bench.advance(0.0)
    bench.all_ready()
    assert bench.taken() == [
        *("start_error x/a", "exhausted x", "stop x/new", "stop x/b", "stop y/a"),
        *("start x/a", "start x/b", "start y/a", "start z/a"),
    ]
    assert bench.states() == dict.fromkeys(("root", "x", "x/a", "x/b", "y", "y/a", "z", "z/a"), "up")


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("at", ["boot", "a restart"])
def test_one_that_is_stopped_by_request_while_it_starts_with_others_stays_down_and_the_others_come_up(
    at: str, strategy: str
) -> None:
    bench = Calm(supervisor("root", actor("a"), actor("b"), actor("c"), strategy=strategy))
    if at == "boot":
        bench.boot(ready=False)
    else:
        bench.boot()
        bench.crash("a")
        bench.advance(0.0)
    bench.examined()
    assert bench.state("a") is State.STARTING
    bench.do(Stop("a"))
    assert bench.answered() == [Stopped("a")]
    bench.all_ready()
    bench.advance(600.0)
    assert "start a" not in bench.taken()
    assert bench.states() == {"root": "up", "a": "idle", "b": "up", "c": "up"}


@pytest.mark.parametrize("strategy", STRATEGIES[1:])
def test_one_that_is_stopped_by_request_before_its_turn_to_start_stays_down_too(strategy: str) -> None:
    bench = booted(actor("a"), actor("b"), actor("c"), strategy=strategy)
    bench.crash("a")
    bench.advance(0.0)
    bench.examined()
    assert bench.states() == {"root": "up", "a": "starting", "b": "idle", "c": "idle"}
    bench.do(Stop("b"))
    assert bench.answered() == [Stopped("b")]
    bench.all_ready()
    bench.advance(600.0)
    assert bench.states() == {"root": "up", "a": "up", "b": "idle", "c": "up"}


LOOPS = [(booted, "one_for_one"), (booted, "rest_for_one"), (added, "one_for_one")]


@pytest.mark.parametrize(("make", "strategy"), LOOPS)
def test_a_child_whose_restarts_fail_slowly_keeps_nobody_from_asking_and_is_stopped_by_request_or_with_the_tree(
    make: Make, strategy: str
) -> None:
    slow = actor("b", shutdown="brutal", backoff=AT_ONCE)
    bench = make(actor("a"), slow, actor("c"), strategy=strategy, intensity=8, period="100s")

    def fail_slowly(times: int) -> None:
        for _ in range(times):
            bench.advance(1.0)
            assert bench.state("b") is State.STARTING
            bench.down("b", FAILED)
        bench.advance(1.0)

    bench.crash("b")
    fail_slowly(3)
    third = "idle" if strategy == "rest_for_one" else "up"
    assert [bench.shown()[name]["state"] for name in "abc"] == ["up", "starting", third]
    for operation in (Add("root", slow), Start("b"), Restart("b"), Remove("b")):
        bench.do(operation)
    assert bench.answered() == [
        *(Refused("root", "b is there already"), Refused("b", "it is starting"), Refused("b", "it is starting")),
        Refused("b", "it is starting: stop it first"),
    ]
    bench.do(Stop("b"))
    assert bench.answered() == [Stopped("b")]
    bench.taken()
    bench.all_ready()
    bench.advance(600.0)
    assert "start b" not in bench.taken()
    bench.do(Start("b"))
    bench.all_ready()
    assert bench.answered() == [Started("b")]
    assert bench.generation("a") == 1
    bench.crash("b")
    fail_slowly(3)
    bench.taken()
    bench.shut_down()
    assert bench.ending == Ending("stopped")
    assert not [word for word in bench.taken() if word.startswith("start")]


def test_a_real_restart_that_does_not_end_keeps_nobody_from_asking_either() -> None:
    with running(spec("a"), spec("b", shutdown="brutal"), intensity=8) as run:
        gate = run.gate()
        run.when("b#1", "boom", raising(RuntimeError("boom")))
        run.when("b#2", "warm_up", lambda _: gate.wait())
        run.begin().up("b")
        run.tell("b", "boom")
        run.written("b#2 warm_up")
        assert run.state("b") == "starting"
        assert run.do(Restart("b")) == Refused("b", "it is starting")
        assert run.do(Stop("b")) == Stopped("b")
        assert run.do(Start("b")) == Started("b")
        assert run.shut_down() == "stopped"
        gate.set()
        until(lambda: run.threads() == set())


# -- what is kept, and what is shown

ENDS: dict[str, Ending | None] = {
    "finishes": FINISHED,
    "crashes": CRASH,
    "is killed": Ending("process_exit", RuntimeError("its process was ended by SIGKILL")),
    "is stopped": None,
}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("restart", TYPES)
@pytest.mark.parametrize("end", ENDS)
def test_a_child_that_has_ended_can_be_added_anew_if_it_is_temporary_and_else_is_there_already(
    end: str, restart: str, strategy: str
) -> None:
    one, ending = actor("a", restart=restart), ENDS[end]
    bench = added(one, actor("b"), strategy=strategy)
    if ending is None:
        bench.do(Stop("a"))
    else:
        bench.down("a", ending)
    bench.advance(0.0)
    bench.all_ready()
    bench.answers.clear()
    bench.do(Add("root", one))
    bench.all_ready()
    again = Started("a") if restart == "temporary" else Refused("root", "a is there already")
    assert bench.answered() == [again]
    if restart != "temporary" and bench.state("a") is not State.UP:  # it is there, and may be started by hand
        bench.do(Start("a"))
        bench.all_ready()
        assert bench.answered() == [Started("a")]
    assert bench.states() == {"root": "up", "a": "up", "b": "up"}


def test_nothing_is_kept_of_a_temporary_child_that_has_failed_nor_of_the_next_one_of_its_name() -> None:
    times = {"backoff": {"reset_after": "0s"}, "start": {"timeout": "200ms"}}
    bench = booted(actor("b"))
    references: list[weakref.ref[Any]] = []
    for _ in range(2):
        one = actor("a", restart="temporary", **times)
        bench.do(Add("root", one))
        bench.ready("a")
        assert bench.answered() == [Started("a")]
        references += [weakref.ref(one), weakref.ref(one.options), weakref.ref(bench.node("a"))]
        del one
        bench.crash("a")
        bench.advance(1.0)
    gc.collect()
    assert [reference() for reference in references] == [None] * 6


def lone(name: str, *, below: bool) -> NodeSpec:
    """A temporary child: an actor, or a supervisor that gives up with the actor below it."""
    if not below:
        return actor(name, restart="temporary")
    return supervisor(name, actor(f"{name}/x"), restart="temporary", intensity=0)


@pytest.mark.parametrize("below", [False, True], ids=["actors", "supervisors"])
def test_as_many_temporary_children_are_shown_as_there_are_and_none_once_all_have_failed(below: bool) -> None:
    bench = booted()
    names = [f"t{number}" for number in range(200)]
    paths = [f"{name}/x" if below else name for name in names]

    def seen() -> list[tuple[str, str, str]]:
        shown = bench.shown().values()
        return [(node["path"], node["kind"], node["state"]) for node in shown if node["path"] in names]

    for count, (name, path) in enumerate(zip(names, paths, strict=True), 1):
        bench.do(Add("root", lone(name, below=below)))
        bench.ready(path)
        if count in {100, 200}:
            kind = "supervisor" if below else "actor"
            assert seen() == seen() == [(one, kind, "up") for one in names[:count]]
    for path in paths:
        bench.crash(path)
    assert list(bench.shown()) == ["root"]
    assert failures(bench) == 0


def test_added_children_whose_restarts_fail_are_listed_and_not_as_up_until_they_are_or_are_removed() -> None:
    names = ["a", "b", "c"]
    bench = added(*(actor(name) for name in names), intensity=1000)

    def seen() -> dict[str, str]:
        return {path: node["state"] for path, node in bench.shown().items() if path != "root"}

    def fail() -> None:
        for name in names:
            bench.crash(name)
        bench.advance(4.0)
        for name in names:
            bench.down(name, FAILED)

    fail()
    assert seen() == dict.fromkeys(names, "backoff")
    bench.advance(4.0)
    bench.all_ready()
    assert seen() == dict.fromkeys(names, "up")
    fail()
    for number, name in enumerate(names):
        assert seen() == dict.fromkeys(names[number:], "backoff")
        bench.do(Stop(name))
        bench.do(Remove(name))
    assert seen() == {}


def give_up(house: House) -> None:
    for _ in range(2):
        house.end("s/v", RuntimeError("boom"))
        house.advance(0.2)


def stop_and_start(house: House) -> None:
    house.do(Stop("s/w"))
    house.do(Start("s/w"))


RENEWALS: dict[str, Callable[[House], Any]] = {
    "it fails": lambda house: house.end("s/w", RuntimeError("boom")),
    "its supervisor is restarted": lambda house: house.do(Restart("s")),
    "its supervisor gives up": give_up,
    "it is stopped and started": stop_and_start,
}


@pytest.mark.parametrize("how", RENEWALS)
def test_a_path_reaches_the_newest_incarnation_however_it_came_to_be(how: str) -> None:
    house = House(supervisor("s", doer("s/v"), doer("s/w"), intensity=1), strategy="one_for_all")
    RENEWALS[how](house)
    house.advance(0.0)
    house.tell("s/w", "hello")
    house.work("s/w")
    assert house.deeds.got[-1] == ("s/w#2", "hello")
    assert house.letters() == {}


# -- what is written


def test_a_start_by_request_writes_no_line_into_the_log_and_the_end_of_a_permanent_child_does() -> None:
    house = House()
    with capture_logs() as lines:
        assert house.do(Add("root", doer("a"))) == [Started("a")]
        assert lines == []
        house.end("a", Finished("all is read"))
        house.advance(0.0)
    assert (house.state("a"), house.generation("a")) == (State.UP, 2)
    assert [(line["event"], line["actor"], line["reason"]) for line in lines] == [
        ("failed", "a", "finished: all is read")
    ]


def test_a_report_shows_of_a_long_message_the_beginning() -> None:
    house, long = House(doer("a")), "x" * 10_000

    def fail(_: Any) -> None:
        raise RuntimeError("boom")

    house.deeds.when[long] = fail
    house.tell("a", long)
    house.work("a")
    (report,) = house.incarnations.failures.reports.newest
    assert report["last_message"] == f"'{long}"[:LONGEST]


# -- many


def calls_to_lose(count: int) -> int:
    """Calls of functions in which so many temporary children, all of them at once, come to their end."""
    names, calls = [f"t{number}" for number in range(count)], 0
    bench = booted(*(actor(name, restart="temporary") for name in names))

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(note)
    try:
        for name in reversed(names):
            bench.crash(name)
    finally:
        sys.setprofile(None)
    assert bench.states() == {"root": "up"}
    return calls


def test_a_child_that_fails_is_found_without_asking_all_the_others_however_many_fail_at_once() -> None:
    """Were each of the others asked, it would be nearly twenty-five times as many calls."""
    assert calls_to_lose(500) < 6 * calls_to_lose(100)
