"""What a supervisor restarts, when, and when it gives up."""

import pytest

from livermore.supervision.events import Ending
from livermore.supervision.restart import Intensity, delay
from livermore.supervision.spec import BackoffKeys
from livermore.supervision.state import State
from tests.support.trees import Bench, actor, supervisor


def three(**keys: object) -> Bench:
    bench = Bench(supervisor("root", actor("a"), actor("b"), actor("c"), **keys)).boot()
    bench.taken()
    return bench


def test_one_for_one_leaves_the_others_alone() -> None:
    bench = three()
    bench.crash("b")
    bench.advance(0.0)
    assert bench.taken() == ["crash b", "start b"]
    assert [bench.generation(name) for name in "abc"] == [1, 2, 1]


def test_one_for_one_restarts_a_child_while_another_is_still_starting() -> None:
    bench = three(intensity=9)
    bench.crash("a")
    bench.advance(0.0)  # a is starting, and takes its time
    bench.crash("b")
    bench.advance(0.0)
    assert bench.state("b") is State.STARTING


def test_rest_for_one_stops_those_after_it_in_reverse_and_starts_them_in_order() -> None:
    bench = three(strategy="rest_for_one")
    bench.crash("b")
    assert bench.taken() == ["crash b", "stop c"]
    bench.advance(0.0)
    bench.all_ready()
    assert bench.taken() == ["start b", "start c"]
    assert bench.generation("a") == 1


def test_rest_for_one_does_not_start_the_good_ones_again_when_a_later_one_fails() -> None:
    bench = three(strategy="rest_for_one")
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    bench.down("b", Ending("start_error", RuntimeError()))
    bench.taken()
    bench.advance(0.2)
    bench.all_ready()
    assert bench.taken() == ["start b", "start c"]
    assert bench.generation("a") == 2


def test_one_for_all_stops_all_others_and_starts_everything() -> None:
    bench = three(strategy="one_for_all")
    bench.crash("b")
    bench.advance(0.0)
    bench.all_ready()
    assert (
        bench.taken() == ["crash b", "stop c", "stop a", "start b", "start a", "start c"] or bench.generation("a") == 2
    )


def test_a_child_that_dies_while_it_is_to_be_stopped_counts_as_stopped() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b"), strategy="rest_for_one"), obedient=False).boot()
    bench.crash("a")
    bench.crash("b")
    bench.advance(0.0)
    bench.all_ready()
    assert [bench.generation(name) for name in "ab"] == [2, 2]
    assert bench.node("b").restarts == {"strategy": 1}


def test_a_second_failure_waits_longer_and_a_healthy_spell_forgets_it() -> None:
    bench = Bench(supervisor("root", actor("a", backoff={"jitter": 0, "reset_after": "60s"}), intensity=9)).boot()
    waits = []
    for _ in range(4):
        bench.crash("a")
        at = bench.clock.monotonic()
        while bench.state("a") is not State.STARTING:
            bench.advance(0.05)
        waits.append(round(bench.clock.monotonic() - at, 2))
        bench.ready("a")
    assert waits == [0.05, 0.2, 0.4, 0.8]  # the first is at once: 0.05 is how often this test looks
    bench.advance(60.0)
    bench.crash("a")
    bench.advance(0.0)
    assert bench.state("a") is State.STARTING


def test_a_crash_just_before_the_end_of_the_healthy_spell_is_not_forgotten() -> None:
    bench = Bench(supervisor("root", actor("a"))).boot()
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    bench.advance(59.9)
    bench.crash("a")
    bench.advance(0.1)
    assert bench.state("a") is State.BACKOFF


def test_more_failures_than_allowed_end_the_tree_in_good_order() -> None:
    bench = three(intensity=2, period="60s")
    for _ in range(2):
        bench.crash("b")
        bench.advance(1.0)
        bench.all_ready()
    bench.taken()
    bench.crash("b")
    assert bench.taken() == ["crash b", "exhausted root", "stop c", "stop a"]
    assert bench.ending is not None
    assert bench.ending.reason == "exhausted"


def test_an_inner_supervisor_that_gives_up_is_restarted_whole_with_a_fresh_count() -> None:
    inner = supervisor("s", actor("s/a"), actor("s/b"), intensity=0)
    bench = Bench(supervisor("root", inner, actor("c"))).boot()
    bench.taken()
    bench.crash("s/a")
    bench.advance(0.0)
    bench.all_ready()
    assert bench.taken() == ["crash s/a", "exhausted s", "stop s/b", "start s/a", "start s/b"]
    assert bench.generation("c") == 1
    bench.crash("s/a")
    assert bench.ending is None


def test_with_park_the_one_that_fails_too_often_is_set_aside_and_the_others_go_on() -> None:
    bench = three(intensity=0, on_exhausted="park")
    bench.crash("b")
    bench.advance(60.0)
    assert bench.state("b") is State.PARKED
    assert [bench.generation(name) for name in "abc"] == [1, 1, 1]


def test_waiting_counts_nothing_and_tries_again_when_it_was_told_to() -> None:
    bench = three(intensity=0)
    for _ in range(5):
        bench.wait("b", 7.0)
        bench.advance(6.9)
        assert bench.state("b") is State.WAITING
        bench.advance(0.1)
        bench.ready("b")
    assert bench.ending is None
    assert bench.generation("b") == 6


def test_permanent_parks_an_actor_that_was_up() -> None:
    bench = three()
    bench.down("b", Ending("permanent", RuntimeError("bad key")))
    bench.advance(600.0)
    assert bench.state("b") is State.PARKED
    assert bench.ending is None


def test_under_rest_for_one_the_dependents_of_one_that_waits_stop_and_come_back_with_it() -> None:
    bench = three(strategy="rest_for_one")
    bench.wait("b", 2.0)
    assert bench.taken() == ["waiting b", "stop c"]
    bench.advance(2.0)
    bench.all_ready()
    assert bench.taken() == ["start b", "start c"]


def test_failures_as_old_as_the_period_no_longer_count() -> None:
    intensity = Intensity(2, 10.0)
    assert [intensity.exceeded(at) for at in (0.0, 9.0, 10.0, 10.5)] == [False, False, False, True]


@pytest.mark.parametrize(("attempt", "expected"), [(0, 0.0), (1, 0.2), (2, 0.4), (5, 3.2), (6, 4.0), (10_000, 4.0)])
def test_the_back_off_doubles_up_to_its_cap_and_never_overflows(attempt: int, expected: float) -> None:
    assert delay(BackoffKeys(), attempt, 0.0) == pytest.approx(expected)


def test_jitter_only_adds_up_to_its_share() -> None:
    assert delay(BackoffKeys(), 1, 0.999) == pytest.approx(0.2 * 1.1998)
