"""Part C of the conformance cases: who is restarted with whom."""

import pytest

from livermore.supervision.events import Add, Ending, Started
from livermore.supervision.state import State
from tests.conformance.support import raising, running, spec, until
from tests.support.trees import Bench, actor, supervisor

STRATEGIES = ["one_for_one", "one_for_all", "rest_for_one"]


def five(strategy: str, *, obedient: bool = True, **keys: object) -> Bench:
    """Five children, ``a`` to ``e``, which are up."""
    bench = Bench(supervisor("root", *(actor(name) for name in "abcde"), strategy=strategy, **keys), obedient=obedient)
    bench.boot().taken()
    return bench


def failed_start() -> Ending:
    return Ending("start_error", RuntimeError("no"))


def generations(bench: Bench) -> list[int]:
    return [bench.generation(name) for name in "abcde"]


def failures(bench: Bench) -> int:
    return len(bench.tree.root.intensity.times)


def restarts(bench: Bench) -> dict[str, dict[str, int]]:
    return {name: dict(bench.node(name).restarts) for name in "abcde" if bench.node(name).restarts}


def test_case_19_one_for_one_leaves_the_others_as_they_are() -> None:
    bench = five("one_for_one")
    bench.crash("c")
    bench.advance(0.0)
    bench.all_ready()
    assert bench.taken() == ["crash c", "start c"]
    assert generations(bench) == [1, 1, 2, 1, 1]
    assert restarts(bench) == {"c": {"crash": 1}}


# -- 20 and 21: one round


def test_case_20_one_for_all_stops_all_others_in_reverse_and_starts_all_in_order() -> None:
    bench = five("one_for_all")
    bench.crash("c")
    bench.advance(0.0)
    assert bench.taken() == ["crash c", "stop e", "stop d", "stop b", "stop a", "start a"]
    for name, following in zip("abcd", "bcde", strict=True):
        bench.ready(name)
        assert bench.taken() == [f"start {following}"]
    bench.ready("e")
    assert generations(bench) == [2, 2, 2, 2, 2]
    assert failures(bench) == 1
    assert restarts(bench) == {name: {"crash" if name == "c" else "strategy": 1} for name in "abcde"}


def test_case_20_nothing_starts_while_one_of_before_still_lives() -> None:
    bench = five("one_for_all", obedient=False)
    bench.crash("c")
    bench.advance(1.0)
    assert bench.taken() == ["crash c", "stop e"]
    for name, following in zip("edba", ["stop d", "stop b", "stop a", "start a"], strict=True):
        bench.down(name, Ending("stopped"))
        bench.advance(0.1)
        assert bench.taken() == [following]


def test_case_20_real_incarnations_of_two_rounds_never_live_side_by_side() -> None:
    with running(*(spec(name) for name in "abc"), strategy="one_for_all") as run:
        living: list[set[str]] = []
        for name in "abc":
            run.when(f"{name}#2", "new", lambda _: living.append(run.living()))
        run.when("b", "boom", raising(RuntimeError("boom")))
        run.begin().up("c")
        run.tell("b", "boom")
        run.up("c", 2)
        assert living == [{"a#2"}, {"a#2", "b#2"}, {"a#2", "b#2", "c#2"}]
        assert run.node("root")["intensity_used"] == 1 / 5


def test_case_21_rest_for_one_stops_those_behind_in_reverse_and_starts_them_in_order() -> None:
    bench = five("rest_for_one")
    bench.crash("c")
    bench.advance(0.0)
    assert bench.taken() == ["crash c", "stop e", "stop d", "start c"]
    for name, following in zip("cd", "de", strict=True):
        bench.ready(name)
        assert bench.taken() == [f"start {following}"]
    bench.ready("e")
    assert generations(bench) == [1, 1, 2, 2, 2]
    assert failures(bench) == 1


# -- 22 and 23: a round that fails


def test_case_22_a_child_that_fails_during_a_one_for_all_round_makes_the_round_begin_again() -> None:
    """★ Fails without: `self._agenda.stop_only(affected)` in supervisor_node.py."""
    bench = five("one_for_all")
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    bench.ready("b")
    bench.taken()
    bench.down("c", failed_start())
    bench.advance(0.0)
    assert bench.taken() == ["start_error c", "stop b", "stop a", "start a"]
    bench.all_ready()
    assert bench.taken() == ["start b", "start c", "start d", "start e"]
    assert generations(bench) == [3, 3, 3, 2, 2]
    assert failures(bench) == 2


def test_case_22_the_child_waits_longer_each_time_and_the_others_with_it() -> None:
    bench = five("one_for_all")
    bench.crash("c")
    bench.advance(0.0)
    bench.ready("a")
    bench.ready("b")
    bench.taken()
    bench.down("c", failed_start())
    bench.advance(0.199)
    assert bench.taken() == ["start_error c", "stop b", "stop a"]
    bench.advance(0.001)
    bench.all_ready()
    assert bench.taken() == [f"start {name}" for name in "abcde"]


def test_case_23_a_child_that_fails_during_a_rest_for_one_round_leaves_the_good_ones_before_it() -> None:
    """★ Fails without: `first = 0 if strategy == "one_for_all" else ...` in strategy.py (0)."""
    bench = five("rest_for_one")
    bench.crash("b")
    bench.advance(0.0)
    bench.ready("b")
    bench.ready("c")
    bench.taken()
    bench.down("d", failed_start())
    bench.advance(0.0)
    assert bench.taken() == ["start_error d", "start d"]
    bench.down("d", failed_start())
    bench.advance(0.2)
    bench.all_ready()
    assert bench.taken() == ["start_error d", "start d", "start e"]
    assert generations(bench) == [1, 2, 2, 4, 2]
    assert failures(bench) == 3


# -- 24 and 25: failures that meet


@pytest.mark.parametrize("obedient", [True, False], ids=["stopping at once", "stopping slowly"])
def test_case_24_two_that_crash_at_the_same_instant_make_one_round(obedient: bool) -> None:
    """★ Fails without: `or child in self._agenda.to_stop` in `child_ended` of supervisor_node.py, and
    `and self.alive` in `down` of actor_node.py."""
    bench = five("one_for_all", obedient=obedient)
    bench.crash("b")
    bench.crash("d")
    bench.obedient = True
    bench.down("e", Ending("stopped"))
    for _ in range(10):
        bench.advance(1.0)
        bench.all_ready()
    said = bench.taken()
    assert [word for word in said if word.startswith("start")] == [f"start {name}" for name in "abcde"]
    assert generations(bench) == [2, 2, 2, 2, 2]
    assert 1 <= failures(bench) <= 2
    assert bench.states() == {"root": "up", **dict.fromkeys("abcde", "up")}


def test_case_24_the_same_report_twice_starts_nothing_twice() -> None:
    """★ Fails without: `elif event.generation == node.generation:` in tree.py together with
    `generation == self.generation and` in `down` of actor_node.py."""
    bench = five("one_for_all")
    bench.crash("b")
    bench.advance(0.0)
    bench.all_ready()
    bench.taken()
    for name in "bd":
        bench.down(name, Ending("crash", RuntimeError("late")), generation=1)
    bench.advance(10.0)
    assert bench.taken() == []
    assert generations(bench) == [2, 2, 2, 2, 2]


def test_case_24_two_real_ones_at_the_same_instant_make_one_round() -> None:
    """With real threads: whichever of the two is heard of first."""
    with running(*(spec(name) for name in "abc"), strategy="one_for_all", intensity=2) as run:
        gate = run.gate()
        for name in "ac":

            def fail_together(_: object) -> None:
                gate.wait()
                raise RuntimeError("boom")

            run.when(f"{name}#1", "boom", fail_together)
        run.begin().up("c")
        for name in "ac":
            run.tell(name, "boom")
            run.written(f"{name}#1 boom")
        gate.set()
        until(lambda: {run.state(name) for name in "abc"} == {"up"} and run.node("c")["generation"] > 1)
        assert [line for line in run.lines if line.endswith("new")][3:] == ["a#2 new", "b#2 new", "c#2 new"]


@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
def test_case_25_a_crash_of_one_that_is_being_stopped_counts_as_its_stop(strategy: str) -> None:
    """★ Fails without: `if asked or self.is_closing or child in self._agenda.to_stop:` in supervisor_node.py (only
    `self.is_closing`)."""
    bench = five(strategy, obedient=False)
    bench.crash("a")
    bench.advance(1.0)
    assert bench.taken() == ["crash a", "stop e"]
    bench.crash("e")  # whose stop is being waited for
    assert bench.taken() == ["crash e", "stop d"]
    bench.crash("b")  # whose stop has not been asked for yet
    assert bench.taken() == ["crash b"]
    bench.obedient = True
    bench.down("d", Ending("stopped"))
    bench.all_ready()
    assert bench.taken() == ["stop c", *(f"start {name}" for name in "abcde")]
    assert generations(bench) == [2, 2, 2, 2, 2]
    assert failures(bench) == 1


# -- 28: supervisors below supervisors


def nested() -> Bench:
    """An inner supervisor with ``x``, ``y`` and a temporary ``t``, and beside these a dynamic ``d``."""
    children = (actor("s/x"), actor("s/t", restart="temporary"), actor("s/y"))
    bench = Bench(supervisor("root", supervisor("s", *children, intensity=1), actor("b"))).boot()
    bench.do(Add("s", actor("s/d")))
    bench.ready("s/d")
    assert bench.answered() == [Started("s/d")]
    bench.taken()
    return bench


def test_case_28_an_inner_supervisor_that_gives_up_is_stopped_whole_and_restarted_by_the_outer_one() -> None:
    bench = nested()
    bench.crash("s/t")
    bench.crash("s/x")
    bench.advance(0.0)
    bench.all_ready()
    assert bench.taken() == ["crash s/t", "crash s/x", "start s/x"]
    assert "s/t" not in bench.states()
    bench.crash("s/x")
    assert bench.taken() == ["crash s/x", "exhausted s", "stop s/d", "stop s/y"]
    assert bench.state("s") is State.BACKOFF
    bench.advance(0.0)
    bench.all_ready()
    assert bench.taken() == ["start s/x", "start s/t", "start s/y"]
    assert bench.states() == dict.fromkeys(("root", "s", "s/x", "s/t", "s/y", "b"), "up")
    assert bench.node("s").restarts == {"exhausted": 1}
    assert bench.generation("b") == 1
    assert failures(bench) == 1


def test_case_28_after_which_it_counts_anew() -> None:
    bench = nested()
    for _ in range(2):
        bench.crash("s/x")
        bench.advance(0.0)
        bench.all_ready()
    assert bench.node("s").restarts == {"exhausted": 1}
    bench.crash("s/x")
    bench.advance(4.0)
    bench.all_ready()
    assert bench.node("s").restarts == {"exhausted": 1}
    bench.crash("s/x")
    assert bench.node("s").restarts == {"exhausted": 2}
    assert bench.ending is None


def test_case_28_the_outer_one_waits_until_all_below_the_inner_one_are_gone() -> None:
    bench = nested()
    bench.crash("s/x")
    bench.advance(0.0)
    bench.all_ready()
    bench.obedient = False
    bench.crash("s/x")
    bench.advance(1.0)
    assert bench.state("s") is State.STOPPING
    bench.taken()
    for name, following in zip(["d", "y", "t"], ["stop s/y", "stop s/t", "start s/x"], strict=True):
        bench.down(f"s/{name}", Ending("stopped"))
        bench.advance(0.0)
        assert bench.taken() == [following]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_case_28_an_inner_supervisor_is_a_child_like_any_other_to_the_strategy(strategy: str) -> None:
    inner = supervisor("s", actor("s/x"), actor("s/y"), intensity=0)
    bench = Bench(supervisor("root", actor("a"), inner, actor("b"), strategy=strategy)).boot()
    bench.taken()
    bench.crash("s/x")
    bench.advance(0.0)
    bench.all_ready()
    stops = {"one_for_one": [], "one_for_all": ["stop b", "stop a"], "rest_for_one": ["stop b"]}[strategy]
    before, behind = (["start a"] if "stop a" in stops else []), (["start b"] if "stop b" in stops else [])
    said = ["crash s/x", "exhausted s", "stop s/y", *stops, *before, "start s/x", "start s/y", *behind]
    assert bench.taken() == said
