"""Starting and stopping nodes by request: how a pipeline is run under a lease."""

from livermore.supervision.events import Ending, Refused, Restart, Started, Stopped
from livermore.supervision.state import State
from livermore.supervision.vitals import Vitals
from tests.support.trees import Bench, actor, supervisor


def writer() -> Bench:
    pipeline = supervisor("w/p", actor("w/p/a"), actor("w/p/b"), autostart=False)
    bench = Bench(supervisor("root", supervisor("w", actor("w/i"), pipeline, strategy="rest_for_one"))).boot()
    bench.taken()
    return bench


def test_a_node_without_autostart_stays_idle() -> None:
    assert writer().state("w/p") is State.IDLE


def test_a_start_gives_its_arguments_to_every_incarnation_below() -> None:
    bench = writer()
    bench.request("w/p", epoch=7)
    bench.all_ready()
    assert bench.taken() == ["start w/p/a", "start w/p/b"]
    assert bench.answers == [("asker", Started("w/p"))]
    bench.crash("w/p/b")
    bench.advance(0.0)
    assert [bench.arguments[path] for path in ("w/p/a", "w/p/b")] == [{"epoch": 7}, {"epoch": 7}]


def test_a_new_start_replaces_the_arguments() -> None:
    bench = writer()
    bench.request("w/p", epoch=7)
    bench.all_ready()
    bench.request_stop("w/p")
    bench.request("w/p", epoch=8)
    bench.all_ready()
    assert bench.arguments["w/p/b"] == {"epoch": 8}
    assert bench.answers == [("asker", Started("w/p")), ("asker", Stopped("w/p")), ("asker", Started("w/p"))]


def test_a_start_that_fails_leaves_nothing_running_and_is_answered() -> None:
    bench = writer()
    bench.request("w/p")
    bench.ready("w/p/a")
    bench.down("w/p/b", Ending("start_error", RuntimeError("no")))
    assert bench.state("w/p") is State.IDLE
    assert bench.state("w/p/a") is State.IDLE
    assert bench.answers == [("asker", Refused("w/p", "start_failed: no"))]
    bench.request("w/p")
    bench.all_ready()
    assert bench.state("w/p") is State.UP


def test_starting_what_runs_or_is_not_there_is_refused_with_the_reason() -> None:
    bench = writer()
    bench.request("w/i")
    bench.request("nowhere")
    assert bench.answers == [
        ("asker", Refused("w/i", "it is up")),
        ("asker", Refused("nowhere", "there is no such node")),
    ]


def test_the_failure_of_the_one_above_stops_the_pipeline_which_stays_down_until_it_is_asked_for() -> None:
    bench = writer()
    bench.request("w/p", epoch=7)
    bench.all_ready()
    bench.taken()
    bench.crash("w/i")
    bench.advance(0.0)
    bench.all_ready()
    assert bench.taken() == ["crash w/i", "stop w/p/b", "stop w/p/a", "start w/i"]
    assert bench.state("w/p") is State.IDLE


def test_a_pipeline_that_gives_up_is_started_again_with_what_it_was_given() -> None:
    bench = writer()
    bench.request("w/p", epoch=7)
    bench.all_ready()
    for _ in range(6):
        bench.crash("w/p/a")
        bench.advance(4.0)
        bench.all_ready()
    assert bench.state("w/p") is State.UP
    assert bench.node("w/p").restarts == {"exhausted": 1}
    assert bench.arguments["w/p/a"] == {"epoch": 7}


def test_stopping_what_is_down_succeeds() -> None:
    bench = writer()
    bench.request_stop("w/p")
    assert bench.answers == [("asker", Stopped("w/p"))]


def test_a_parked_actor_can_be_started_again() -> None:
    bench = Bench(supervisor("root", actor("a"))).boot()
    bench.down("a", Ending("permanent", RuntimeError("bad key")))
    bench.request("a")
    bench.ready("a")
    assert bench.state("a") is State.UP


def test_whoever_asks_for_the_same_stop_hears_of_it_too() -> None:
    bench = Bench(supervisor("root", actor("a")), obedient=False).boot()
    bench.request_stop("a", "one")
    bench.request_stop("a", "two")
    assert bench.answers == []
    bench.down("a", Ending("stopped"))
    assert bench.answers == [("one", Stopped("a")), ("two", Stopped("a"))]


def test_a_stop_overrules_a_restart_and_both_who_asked_hear_that_it_is_stopped() -> None:
    bench = Bench(supervisor("root", actor("a")), obedient=False).boot()
    bench.do(Restart("a"), "one")
    bench.request_stop("a", "two")
    bench.down("a", Ending("stopped"))
    assert bench.state("a") is State.IDLE
    assert bench.answers == [("one", Stopped("a")), ("two", Stopped("a"))]


def test_one_whose_thread_is_lost_while_it_stops_is_not_waited_for() -> None:
    bench = Bench(supervisor("root", actor("a", shutdown="infinity")), obedient=False).boot()
    bench.request_stop("a")
    bench.seen["a"] = Vitals(alive=False)
    bench.advance(0.25)
    assert bench.state("a") is State.IDLE
    assert bench.answers == [("asker", Stopped("a"))]
