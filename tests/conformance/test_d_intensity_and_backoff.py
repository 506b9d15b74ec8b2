"""Part D of the conformance cases: how many failures are too many, and how long to wait before a new try."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from livermore.errors import ConfigurationError, Permanent, Transient
from livermore.strict_yaml import parse
from livermore.supervision.actor import Actor
from livermore.supervision.events import Ending, Refused, Reload, Remove, Start, Started, Stop, Stopped
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.loading import load_tree
from livermore.supervision.metrics import TreeMetrics
from livermore.supervision.restart import delay
from livermore.supervision.spec import BackoffKeys
from livermore.supervision.state import State
from livermore.supervision.tree import EXIT_CODES
from tests.conformance.support import (
    KINDS,
    Run,
    SteppingClock,
    child,
    livermore,
    log_of,
    raising,
    running,
    spec,
    until,
)
from tests.support.trees import Bench, actor, supervisor

RARELY_LOOKING = SettingKeys.model_validate({"hang_poll": "1h"})
"""For long times in which nothing is to be seen: each look takes time of this test, too."""
AT_ONCE = {"first": "0s", "min": "0s", "jitter": 0}
DAY = 86_400.0


def one(*, intensity: int = 5, period: str = "60s", **keys: Any) -> Bench:
    """A tree with one actor ``a``, which is up."""
    bench = Bench(supervisor("root", actor("a", **keys), intensity=intensity, period=period)).boot()
    bench.taken()
    return bench


def failed_start() -> Ending:
    return Ending("start_error", RuntimeError("no"))


def wait_of(bench: Bench, path: str = "a") -> float:
    """Seconds until a child in back-off starts again."""
    assert bench.state(path) is State.BACKOFF
    wakes_at = bench.node(path).wakes_at
    assert wakes_at is not None
    return wakes_at - bench.clock.monotonic()


def ended_with(bench: Bench) -> int | None:
    """The exit code, once the tree has ended."""
    return None if bench.ending is None else EXIT_CODES[bench.ending.reason]


# -- 29 to 31: the count


@pytest.mark.parametrize("intensity", [0, 1, 2, 7])
def test_case_29_there_are_as_many_restarts_as_allowed_and_one_failure_more_is_the_end(intensity: int) -> None:
    bench = one(intensity=intensity, backoff=AT_ONCE)
    for _ in range(intensity):
        bench.crash("a")
        bench.advance(0.0)
        bench.ready("a")
    assert bench.ending is None
    assert bench.generation("a") == intensity + 1
    bench.crash("a")
    assert ended_with(bench) == 70
    assert bench.generation("a") == intensity + 1


@pytest.mark.parametrize(("age", "too_many"), [(59.875, True), (60.0, False), (60.125, False)])
def test_case_30_a_failure_that_is_as_old_as_the_period_no_longer_counts(age: float, too_many: bool) -> None:
    bench = one(intensity=1, period="60s")
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    bench.advance(age)
    bench.crash("a")
    assert (ended_with(bench) == 70) is too_many


def test_case_30_the_window_slides() -> None:
    bench = one(intensity=2, period="60s", backoff=AT_ONCE)
    for pause in (0.0, 40.0, 20.0, 40.0, 20.0, 40.0):  # never three within sixty seconds
        bench.advance(pause)
        bench.crash("a")
        bench.advance(0.0)
        bench.ready("a")
    assert bench.ending is None
    bench.advance(19.875)
    bench.crash("a")
    assert ended_with(bench) == 70


def test_case_31_each_attempt_that_fails_counts_so_that_a_child_that_never_starts_ends_it() -> None:
    """★ Fails without: `elif why := self._why_too_much(child, ending):` in supervisor_node.py, for other ends than a
    crash (as with `ending.reason == Reason.CRASH and` before it)."""
    bench = one(intensity=3)
    bench.crash("a")
    for attempt in range(3):
        assert bench.ending is None, f"attempt {attempt} was one too many"
        bench.advance(4.0)
        bench.down("a", failed_start())
    assert ended_with(bench) == 70
    assert bench.taken() == ["crash a", *["start a", "start_error a"] * 3, "exhausted root"]


def test_case_31_so_does_one_that_is_not_required_and_never_started() -> None:
    bench = Bench(supervisor("root", actor("a", required=False), actor("b"), intensity=3)).boot(ready=False)
    bench.down("a", failed_start())
    bench.ready("b")
    for _ in range(3):
        assert bench.ending is None
        bench.advance(4.0)
        bench.down("a", failed_start())
    assert ended_with(bench) == 70


def test_case_31_a_supervisor_that_cannot_start_is_counted_by_the_one_above() -> None:
    """★ Fails without: `return Verdict.FORGET if ended_well ...` in restart.py (with START_FAILED as a good end)."""
    bench = Bench(supervisor("root", supervisor("s", actor("s/a"), intensity=0), intensity=3)).boot()
    bench.crash("s/a")
    for attempt in range(3):
        assert bench.ending is None, f"attempt {attempt} was one too many"
        bench.advance(4.0)
        bench.down("s/a", failed_start())
    assert ended_with(bench) == 70
    assert bench.node("s").restarts == {"exhausted": 1, "start_failed": 2}


@pytest.mark.parametrize("kind", KINDS)
def test_case_31_a_real_child_that_never_starts_again_ends_the_tree(kind: type[Actor]) -> None:
    with running(spec("a", kind, backoff=AT_ONCE), intensity=20) as run:
        run.when("a#1", "boom", raising(RuntimeError("boom")))
        run.begin().up("a")
        run.when("a", "warm_up", raising(RuntimeError("no")))
        run.tell("a", "boom")
        assert EXIT_CODES[run.ended()] == 70
        assert run.reasons("a") == ["crash", *["start_error"] * 20]


# -- 32: the wall's clock


@pytest.mark.parametrize("jump", [-400 * DAY, -7200.0, 7200.0, 400 * DAY])
def test_case_32_a_jump_of_the_wall_clock_changes_nothing(jump: float) -> None:
    """★ Fails without: `return self.clock.monotonic()` in runtime.py (with the wall's time in its place)."""
    stories = [story(SteppingClock(), 0.0), story(SteppingClock(), jump)]
    assert stories[0] == stories[1]
    assert stories[0][-1] == "187.600: crash a, exhausted root, stop b"


def story(clock: SteppingClock, jump: float) -> list[str]:
    """What a tree does in three minutes in which the wall's clock jumps again and again."""
    children = (actor("a", start={"timeout": "5s"}), actor("b", shutdown="3s"))
    bench = Bench(supervisor("root", *children, intensity=3, period="90s"), clock=clock).boot()
    lines: list[str] = []

    def go_on(seconds: float) -> None:
        clock.set_wall(jump)
        bench.advance(seconds)
        if words := bench.taken():
            lines.append(f"{clock.monotonic():.3f}: {', '.join(words)}")

    for pause in (0.1, 0.1, 89.9, 0.1, 59.9, 28.5, 1.0, 1.0):  # the last failures are four within ninety seconds
        go_on(pause)
        bench.crash("a")
        go_on(0.0)
        go_on(1.0)
        bench.all_ready()
    return lines


# -- 33 to 36: back-off


def test_case_33_the_sequence_without_jitter_is_exact() -> None:
    bench = one(intensity=1_000_000)
    waits = []
    for _ in range(9):
        bench.crash("a")
        waits.append(wait_of(bench))
        bench.advance(waits[-1])
        bench.ready("a")
    assert waits == pytest.approx([0.0, 0.2, 0.4, 0.8, 1.6, 3.2, 4.0, 4.0, 4.0])


def test_case_33_after_ten_thousand_attempts_it_is_still_the_cap() -> None:
    bench = Bench(supervisor("root", actor("a"), intensity=1_000_000), settings=RARELY_LOOKING).boot()
    for _ in range(10_000):
        bench.crash("a")
        bench.advance(4.0)
        bench.ready("a")
    bench.crash("a")
    assert wait_of(bench) == pytest.approx(4.0)


backoffs = st.builds(
    lambda low, more, factor, jitter: BackoffKeys.model_validate(
        {"min": f"{low}ms", "max": f"{low + more}ms", "factor": factor, "jitter": jitter}
    ),
    st.integers(0, 10_000),
    st.integers(0, 1_000_000),
    st.floats(1.0, 1e9),
    st.floats(0.0, 1.0),
)


@pytest.mark.parametrize(("factor", "attempt"), [(1e6, 10_000), (1e9, 40), (1.01, 200), (1.001, 10_000)])
def test_case_33_it_grows_up_to_the_cap_by_any_factor(factor: float, attempt: int) -> None:
    keys = BackoffKeys.model_validate({"min": "200ms", "max": "4s", "factor": factor})
    assert delay(keys, attempt, 0.0) == pytest.approx(expected_delay(keys, attempt))


@settings(deadline=None)
@given(backoffs, st.integers(1, 10_000), st.floats(0.0, 1.0, exclude_max=True))
def test_case_33_jitter_adds_at_most_its_share_and_the_cap_holds_without_overflow(
    keys: BackoffKeys, attempt: int, luck: float
) -> None:
    exact, jittered = delay(keys, attempt, 0.0), delay(keys, attempt, luck)
    assert exact == pytest.approx(expected_delay(keys, attempt))
    assert exact <= jittered <= exact * (1 + keys.jitter)


def expected_delay(keys: BackoffKeys, attempt: int) -> float:
    """By logarithms, which do not overflow."""
    if keys.min == 0:
        return 0.0
    grown = math.log(keys.min) + (attempt - 1) * math.log(keys.factor)
    return math.exp(min(grown, math.log(keys.max)))


def test_case_33_the_tree_draws_the_jitter_anew_each_time() -> None:
    bench = one(intensity=9, backoff={"first": "0s", "min": "1s", "max": "1s", "jitter": 0.5})
    waits = []
    for bench.luck in (0.75, 0.0, 0.5, 0.999):
        bench.crash("a")
        waits.append(wait_of(bench))
        bench.advance(2.0)
        bench.ready("a")
    assert waits == pytest.approx([0.0, 1.0, 1.25, 1.4995])


@pytest.mark.parametrize(("ready_for", "wait"), [(59.999, 0.2), (60.0, 0.0)])
def test_case_34_only_a_whole_healthy_spell_forgets_the_failures_before(ready_for: float, wait: float) -> None:
    """★ Fails without: `self.after(self.spec.keys.backoff.reset_after, self._recovered)` in node.py."""
    bench = one()
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    bench.advance(ready_for)
    bench.crash("a")
    assert wait_of(bench) == pytest.approx(wait)


def test_case_34_the_time_of_starting_is_not_healthy() -> None:
    """★ Fails without: `if self._turn == turn` in `after` of node.py, and with that timer set when it starts."""
    bench = one(start={"timeout": "100s"})
    bench.crash("a")
    bench.advance(59.0)
    bench.ready("a")
    bench.advance(2.0)
    bench.crash("a")
    assert wait_of(bench) == pytest.approx(0.2)


def test_case_34_the_timer_of_an_older_incarnation_does_nothing() -> None:
    """★ Fails without: `if self._turn == turn` in `after` of node.py."""
    bench = one()
    bench.advance(59.0)
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    bench.advance(2.0)  # the first one would have been up for 61 s by now
    bench.crash("a")
    assert wait_of(bench) == pytest.approx(0.2)


def in_backoff() -> Bench:
    """A tree whose ``a`` starts again in 0.2 s."""
    bench = Bench(supervisor("root", actor("a"), actor("b"))).boot()
    bench.crash("a")
    bench.advance(0.0)
    bench.ready("a")
    bench.crash("a")
    assert wait_of(bench) == pytest.approx(0.2)
    bench.taken()
    return bench


def test_case_35_one_that_is_stopped_in_its_back_off_stays_down() -> None:
    """★ Fails without: `if self._turn == turn` in `after` of node.py."""
    bench = in_backoff()
    bench.do(Stop("a"))
    assert bench.answered() == [Stopped("a")]
    bench.advance(600.0)
    assert bench.taken() == []
    assert bench.state("a") is State.IDLE


def test_case_35_one_that_is_stopped_and_started_in_its_back_off_starts_once() -> None:
    """★ Fails without: `if self._turn == turn` in `after` of node.py."""
    bench = in_backoff()
    bench.do(Stop("a"))
    bench.do(Start("a"))
    bench.ready("a")
    bench.advance(600.0)
    assert bench.taken() == ["start a"]
    assert bench.answered() == [Stopped("a"), Started("a")]


def test_case_35_one_that_is_removed_in_its_back_off_is_gone() -> None:
    """★ Fails without: `if self._turn == turn` in `after` of node.py."""
    bench = in_backoff()
    bench.do(Remove("a"))
    bench.do(Stop("a"))
    bench.do(Remove("a"))
    assert bench.answered() == [Refused("a", "it is backoff: stop it first"), Stopped("a"), Stopped("a")]
    bench.advance(600.0)
    assert bench.taken() == []
    assert bench.states() == {"root": "up", "b": "up"}


def test_case_35_one_that_a_reload_removes_in_its_back_off_is_gone() -> None:
    """★ Fails without: `if self._turn == turn` in `after` of node.py."""
    bench = in_backoff()
    bench.reload(supervisor("root", actor("b")))
    bench.advance(600.0)
    assert bench.taken() == []
    assert bench.states() == {"root": "up", "b": "up"}


def test_case_35_one_that_a_reload_changes_in_its_back_off_starts_at_once_and_once() -> None:
    """★ Fails without: `if self._turn == turn` in `after` of node.py."""
    bench = in_backoff()
    bench.do(Reload(supervisor("root", actor("a", mailbox={"capacity": 5}), actor("b"))))
    assert bench.taken() == ["start a"]
    bench.ready("a")
    bench.advance(600.0)
    assert bench.taken() == []
    assert bench.generation("a") == 3


def test_case_35_one_that_is_removed_and_added_again_has_no_timer_of_before() -> None:
    """★ Fails without: `child.become(State.IDLE)` in `remove` of supervisor_node.py and in `stop` of actor_node.py."""
    bench = in_backoff()
    bench.reload(supervisor("root", actor("b")))
    bench.reload(supervisor("root", actor("b"), actor("a")))
    bench.all_ready()
    bench.advance(600.0)
    assert bench.taken() == ["start a"]
    assert bench.state("a") is State.UP


def test_case_36_the_first_restart_after_a_healthy_spell_is_immediate() -> None:
    bench = one(intensity=9)
    for _ in range(3):
        bench.crash("a")
        bench.advance(4.0)
        bench.ready("a")
    bench.advance(60.0)
    bench.crash("a")
    assert wait_of(bench) == 0.0
    bench.advance(0.0)
    assert bench.state("a") is State.STARTING


# -- 37: a limit that can never be exceeded

quarters = st.integers(0, 40).map(lambda n: n / 4)


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """An intensity, a period and a back-off. All numbers are exact in binary, so that the very boundary is tried."""
    low = draw(quarters)
    return {
        "intensity": draw(st.integers(0, 8)),
        "period": draw(st.integers(1, 160)) / 4,
        "first": draw(quarters),
        "min": low,
        "max": low + draw(quarters) * 4,
        "factor": draw(st.sampled_from([1, 1.5, 2, 4])),
        "jitter": draw(st.sampled_from([0, 0.5, 1])),
    }


def backoff_of(plan: dict[str, Any]) -> dict[str, Any]:
    times = {name: f"{plan[name]:g}s" for name in ("first", "min", "max")}
    return {**times, "factor": plan["factor"], "jitter": plan["jitter"], "reset_after": "100000s"}


def gives_up(plan: dict[str, Any]) -> bool:
    """Whether a child that fails at once, again and again, and with as much jitter as can be, ends the tree."""
    keys = {"intensity": plan["intensity"], "period": f"{plan['period']:g}s"}
    root = supervisor("root", actor("a", backoff=backoff_of(plan)), **keys)
    bench = Bench(root, luck=1.0, settings=RARELY_LOOKING).boot()
    for _ in range(40):
        bench.crash("a")
        if bench.ending is not None:
            return True
        bench.advance(wait_of(bench))
        bench.ready("a")
    return False


def codes(plan: dict[str, Any]) -> list[str]:
    """What is found wrong with a file that says so."""
    node = {"id": "a", "class": "tests.conformance.actors:Calm", "backoff": backoff_of(plan)}
    root = {"id": "root", "intensity": plan["intensity"], "period": f"{plan['period']:g}s", "children": [node]}
    common = {"allow_modules": ["tests.conformance"]}
    text = json.dumps({"version": 1, "settings": common, "modes": {"test": root}})
    try:
        load_tree(parse(text, "tree.yaml"), "test", {}, {})
    except ConfigurationError as error:
        return [problem.code for problem in error.problems]
    return []


LONG_FIRST = {"intensity": 3, "period": 5.0, "first": 10, "min": 0.5, "max": 0.5, "factor": 1, "jitter": 0}
SHORT_FIRST = {"intensity": 3, "period": 5.0, "first": 0, "min": 2, "max": 2, "factor": 1, "jitter": 0}


@settings(max_examples=250, deadline=None)
@example(LONG_FIRST)
@example(SHORT_FIRST)
@given(plans())
def test_case_37_a_limit_that_can_never_be_exceeded_is_refused_and_no_other(plan: dict[str, Any]) -> None:
    """★ Fails without: `min(all_but_last, all_but_first)` in restart.py (with only one of the two sums)."""
    assert codes(plan) == ([] if gives_up(plan) else ["E_INTENSITY_UNREACHABLE"])


@pytest.mark.parametrize(("period", "found"), [(6.25, []), (6.0, ["E_INTENSITY_UNREACHABLE"])])
def test_case_37_the_boundary_belongs_to_those_that_are_refused(period: float, found: list[str]) -> None:
    """★ Fails without: `>= period` in restart.py (with `>` in its place)."""
    plan = {"intensity": 3, "period": period, "first": 5, "min": 2, "max": 2, "factor": 1, "jitter": 0}
    assert codes(plan) == found
    assert gives_up(plan) is (not found)


# -- 38 and 39: errors that steer, and parking


@pytest.mark.parametrize("retry_after", [0.125, 2.0, 30.0])
def test_case_38_a_transient_error_says_itself_when_to_try_again(retry_after: float) -> None:
    bench = one(intensity=0)
    for attempt in range(4):
        bench.wait("a", retry_after)
        bench.advance(retry_after - 0.0625)
        assert bench.state("a") is State.WAITING
        bench.advance(0.0625)
        assert bench.state("a") is State.STARTING
        assert bench.generation("a") == attempt + 2
        bench.ready("a")
    assert bench.ending is None
    assert bench.node("a").restarts == {"waiting": 4}


def test_case_38_it_leaves_the_back_off_as_it_was() -> None:
    bench = one(intensity=9)
    bench.crash("a")
    bench.advance(0.0)
    bench.wait("a", 30.0)
    bench.advance(30.0)
    bench.crash("a")
    assert wait_of(bench) == pytest.approx(0.2)


def test_case_38_a_permanent_error_parks_the_child_counts_nothing_and_others_go_on() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b"), intensity=0, strategy="one_for_all")).boot()
    bench.down("a", Ending("permanent", Permanent("bad key")))
    bench.advance(600.0)
    assert bench.states() == {"root": "up", "a": "parked", "b": "up"}
    assert len(bench.tree.root.intensity.times) == 0
    assert bench.generation("b") == 1


def test_case_38_a_parked_child_can_be_started_again() -> None:
    bench = Bench(supervisor("root", actor("a"), actor("b"), intensity=0)).boot()
    bench.down("a", Ending("permanent", Permanent("bad key")))
    bench.do(Start("a"))
    bench.ready("a")
    assert bench.answered() == [Started("a")]
    assert bench.states() == {"root": "up", "a": "up", "b": "up"}


@pytest.mark.parametrize("kind", KINDS)
def test_case_38_real_actors_steer_by_what_they_raise(kind: type[Actor]) -> None:
    with running(spec("a", kind), intensity=0) as run:
        run.when("a#1", "busy", raising(Transient("no server", retry_after=0.02)))
        run.when("a#2", "key", raising(Permanent("bad key")))
        run.begin().up("a")
        run.tell("a", "busy")
        run.up("a", 2)
        assert run.node("a")["restarts"] == {"waiting": 1}
        run.tell("a", "key")
        until(lambda: run.state("a") == "parked")
        assert run.node("a")["last_error"] == "permanent: bad key"
        assert run.do(Start("a")) == Started("a")
        run.up("a", 3)
        assert run.node("root")["intensity_used"] == 0.0


def test_case_39_with_park_the_siblings_of_one_that_fails_too_often_go_on() -> None:
    inner = supervisor("s", actor("s/a"), actor("s/b"), intensity=1, on_exhausted="park")
    bench = Bench(supervisor("root", inner, actor("c"), intensity=0)).boot()
    for _ in range(2):
        bench.crash("s/a")
        bench.advance(0.0)
        bench.all_ready()
    bench.advance(600.0)
    assert bench.states() == {"root": "up", "s": "up", "s/a": "parked", "s/b": "up", "c": "up"}
    assert [bench.generation(path) for path in ("s/a", "s/b", "c")] == [2, 1, 1]


def metric(run: Run, name: str, **labels: str) -> float:
    """The value of one series."""
    families = text_string_to_metric_families(TreeMetrics(run.supervisor, "test").text())
    samples = [sample for family in families for sample in family.samples]
    return next(sample.value for sample in samples if sample.name == name and sample.labels == labels)


def test_case_39_the_metrics_that_alerts_are_made_of_say_so() -> None:
    parked: Callable[[Run], float] = lambda run: metric(  # noqa: E731 - it is only a name
        run, "livermore_actor_state", supervisor="root", actor="a", state="parked"
    )
    exhausted: Callable[[Run], float] = lambda run: metric(  # noqa: E731
        run, "livermore_supervisor_exhausted_total", supervisor="root", action="park"
    )
    with running(spec("a"), spec("b"), intensity=0, on_exhausted="park") as run:
        run.when("a", "boom", raising(RuntimeError("boom")))
        run.begin().up("b")
        assert (parked(run), exhausted(run)) == (0.0, 0.0)
        run.tell("a", "boom")
        until(lambda: run.state("a") == "parked")
        assert (parked(run), exhausted(run)) == (1.0, 1.0)
        assert metric(run, "livermore_actor_up", supervisor="root", actor="a") == 0.0
        assert metric(run, "livermore_actor_up", supervisor="root", actor="b") == 1.0
        run.tell("b", "hello")
        run.written("b#1 hello")


# -- 40: the root gives up


def test_case_40_a_root_that_gives_up_stops_its_children_in_reverse_and_then_ends() -> None:
    bench = Bench(supervisor("root", *(actor(name) for name in "abcd"), intensity=0), obedient=False).boot()
    bench.taken()
    bench.crash("b")
    assert bench.taken() == ["crash b", "exhausted root", "stop d"]
    bench.down("d", Ending("stopped"))
    bench.down("c", Ending("stopped"))
    assert bench.taken() == ["stop c", "stop a"]
    assert ended_with(bench) is None
    bench.down("a", Ending("stopped"))
    assert ended_with(bench) == 70


@pytest.mark.parametrize("weak", ["Failing", "SlowDisk"])
def test_case_40_the_process_ends_with_70_and_its_last_line_says_why(tmp_path: Path, weak: str) -> None:
    children = [
        child("first", "Calm"),
        child("weak", weak),
        child("third", "Calm"),
        child("last", "Trigger", tells=["weak"]),
    ]
    reports = {"crash_reports": {"dir": str(tmp_path / "reports")}}
    with livermore(tmp_path, *children, settings=reports, intensity=0) as process:
        assert process.wait() == 70, process.written()
        lines = log_of(process)
    assert [line["actor"] for line in lines if line["event"] == "cools down"] == ["last", "third", "first"]
    assert lines[-1]["event"] == "the tree has ended"
    assert lines[-1]["exit_code"] == 70
    assert "weak failed, more than 0 times in 60 s: crash: too weak" in lines[-1]["reason"]
    (report,) = (tmp_path / "reports").iterdir()
    written = json.loads(report.read_text(encoding="utf-8"))
    assert (written["actor"], written["exception"], written["text"]) == ("weak", "RuntimeError", "too weak")
