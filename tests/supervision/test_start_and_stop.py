"""How a tree starts and stops: in order, in reverse, and completely."""

from livermore.supervision.events import Ending, Ready
from livermore.supervision.state import State
from tests.support.trees import Bench, actor, supervisor


def test_an_empty_tree_starts_and_stops() -> None:
    bench = Bench(supervisor("root")).boot()
    assert bench.state("root") is State.UP
    bench.shut_down()
    assert bench.ending == Ending("stopped")


def test_a_child_starts_only_once_the_one_before_is_ready() -> None:
    bench = Bench(supervisor("root", actor("z"), actor("a"), actor("m"))).boot(ready=False)
    assert bench.taken() == ["start z"]
    bench.ready("z")
    assert bench.taken() == ["start a"]
    bench.ready("a")
    bench.ready("m")
    assert bench.taken() == ["start m"]
    assert bench.tree.booted


def test_children_stop_in_reverse_each_once_the_one_after_is_down() -> None:
    bench = Bench(
        supervisor("root", actor("a"), supervisor("s", actor("s/b"), actor("s/c")), actor("d")), obedient=False
    )
    bench.boot()
    bench.taken()
    bench.shut_down()
    assert bench.taken() == ["stop d"]
    for path, then in {"d": ["stop s/c"], "s/c": ["stop s/b"], "s/b": ["stop a"], "a": []}.items():
        bench.down(path, Ending("stopped"))
        assert bench.taken() == then
    assert bench.ending == Ending("stopped")


def test_a_required_child_that_cannot_start_ends_the_boot_and_those_before_it() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b"), actor("c"), actor("d"))).boot(ready=False)
    bench.ready("a")
    bench.ready("b")
    bench.taken()
    bench.down("c", Ending("start_error", RuntimeError("no")))
    assert bench.taken() == ["start_error c", "stop b", "stop a"]
    assert bench.ending is not None
    assert bench.ending.reason == "start_failed"


def test_a_child_that_is_not_required_does_not_end_the_boot() -> None:
    bench = Bench(supervisor("root", actor("a", required=False), actor("b"))).boot(ready=False)
    bench.down("a", Ending("start_error", RuntimeError("no")))
    bench.ready("b")
    assert bench.tree.booted
    assert bench.state("a") is State.BACKOFF


def test_a_child_that_waits_for_a_server_does_not_hold_up_the_boot() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b"))).boot(ready=False)
    bench.wait("a", 2.0)
    bench.ready("b")
    assert bench.tree.booted
    assert bench.state("a") is State.WAITING
    bench.advance(2.0)
    bench.ready("a")
    assert bench.state("a") is State.UP


def test_an_actor_that_says_at_boot_that_it_never_can_ends_the_boot() -> None:
    bench = Bench(supervisor("root", supervisor("s", actor("s/a")))).boot(ready=False)
    bench.down("s/a", Ending("permanent", RuntimeError("somebody else runs it")))
    assert bench.ending is not None
    assert bench.ending.reason == "start_failed"


def test_an_actor_that_is_never_ready_is_given_up_after_its_time() -> None:
    bench = Bench(supervisor("root", actor("a", start={"timeout": "3s"}), actor("b"))).boot(ready=False)
    bench.advance(2.9)
    assert bench.ending is None
    bench.advance(0.2)
    assert "abandon a" in bench.log
    assert "start b" not in bench.log
    assert bench.ending is not None


def test_what_an_abandoned_incarnation_reports_later_is_not_heard() -> None:
    bench = Bench(supervisor("root", actor("a", required=False, start={"timeout": "3s"}))).boot(ready=False)
    bench.advance(3.0)
    assert bench.generation("a") == 2
    bench.tree.handle(Ready("a", 1))
    bench.down("a", Ending("crash", RuntimeError()), generation=1)
    assert bench.state("a") is State.STARTING


def test_a_child_that_ignores_a_stop_is_abandoned_at_its_limit() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b", shutdown="1s")), obedient=False).boot()
    bench.shut_down()
    bench.taken()
    bench.advance(1.0)
    assert bench.taken() == ["abandon b", "abandoned b", "stop a"]


def test_stopping_overtakes_a_start_that_is_under_way() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b"))).boot(ready=False)
    bench.shut_down()
    assert bench.ending == Ending("stopped")
    assert "start b" not in bench.log


def test_a_child_in_back_off_does_not_come_back_while_the_tree_stops() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b")), obedient=False).boot()
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    bench.crash("a")  # the second time it rests for 0.2 s
    bench.shut_down()
    bench.taken()
    bench.advance(1.0)
    assert bench.taken() == []
    bench.down("b", Ending("stopped"))
    assert bench.ending == Ending("stopped")


def test_a_crash_while_the_tree_stops_counts_as_stopped() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b")), obedient=False).boot()
    bench.shut_down()
    bench.crash("b")
    bench.crash("a")
    assert bench.ending == Ending("stopped")
    assert not any(word.startswith("start") for word in bench.taken()[2:])
