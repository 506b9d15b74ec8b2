"""Case 92: whatever happens, in whatever order, the tree does what the reference says."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from livermore.supervision.events import Ending, Refused, Restart, Start, Stop
from livermore.supervision.spec import ActorSpec, SupervisorSpec
from livermore.supervision.vitals import Vitals
from tests.conformance.model import FACTOR, FIRST, LEAST, MOST, RESET, Group, Member, Reference
from tests.conformance.support_f import Calm
from tests.support.trees import actor, supervisor

POLL = 0.25
BACKOFF = {
    "first": f"{FIRST:g}s",
    "min": f"{LEAST:g}s",
    "max": f"{MOST:g}s",
    "factor": FACTOR,
    "jitter": 0,
    "reset_after": f"{RESET:g}s",
}
INNER = ["s/x", "s/y", "s/z"]
PATHS = ["a", "s", *INNER, "b"]
KINDS = st.sampled_from(["permanent", "transient", "temporary"])
NUMBER = st.integers(0, 99)
"""Picks one of those there are, however many."""


class TreeMachine(RuleBasedStateMachine):
    """A tree on a bench beside the reference: a step is done to both, and then they must be alike."""

    @initialize(
        strategy=st.sampled_from(["one_for_one", "one_for_all", "rest_for_one"]),
        limit=st.integers(0, 3),
        action=st.sampled_from(["escalate", "park"]),
        kinds=st.tuples(KINDS, KINDS, KINDS),
        outer=KINDS.filter(lambda kind: kind != "temporary"),
    )
    def begin(self, strategy: str, limit: int, action: str, kinds: tuple[str, ...], outer: str) -> None:
        self.outer, self.kinds = outer, dict(zip(INNER, kinds, strict=True))
        self.plan = dict.fromkeys(INNER, 10)  # how much the mailbox of each holds
        self.keys: dict[str, Any] = {"strategy": strategy, "intensity": limit, "on_exhausted": action}
        self.boot()

    def boot(self) -> None:
        self.bench = Calm(self.spec())
        self.bench.boot()
        root = Group("root", "one_for_one", 4, 6.0, "escalate")
        root.plan = {"a": "permanent", "s": "permanent", "b": self.outer}
        inner = Group("s", self.keys["strategy"], self.keys["intensity"], 2.0, self.keys["on_exhausted"])
        inner.plan = {path: self.kinds[path] for path in self.plan}
        self.model = Reference(root, inner)

    def spec(self) -> SupervisorSpec:
        """The file as it is now."""
        inner = [self.actor(path, restart=self.kinds[path], mailbox={"capacity": n}) for path, n in self.plan.items()]
        keys = {"backoff": BACKOFF, "period": "2s", **self.keys}
        children = self.actor("a"), supervisor("s", *inner, **keys), self.actor("b", restart=self.outer)
        return supervisor("root", *children, intensity=4, period="6s")

    @staticmethod
    def actor(path: str, **keys: Any) -> ActorSpec:
        return actor(path, backoff=BACKOFF, **keys)

    def settle(self) -> None:
        """Whoever is starting comes up, and whoever is to start at once does."""
        self.bench.all_ready()
        self.bench.advance(0.0)
        self.bench.all_ready()
        self.model.pass_time(0.0)

    def one_that_runs(self, number: int, fits: Callable[[Member], bool] = lambda _: True) -> Member | None:
        runs = [m for m in self.model.members() if m.state == "up" and not isinstance(m, Group) and fits(m)]
        return runs[number % len(runs)] if runs else None

    def is_calm(self) -> bool:
        """Nobody is down whom others wait for: what to ask for these would mean is said nowhere."""
        return self.keys["strategy"] == "one_for_one" or not any(map(self.model.rests, self.model.inner.children))

    def lives(self) -> bool:
        return not self.model.ended

    # -- steps

    @precondition(lambda self: not self.lives())
    @rule()
    def boot_again(self) -> None:
        self.boot()

    @precondition(lives)
    @rule(number=NUMBER, reason=st.sampled_from(["crash", "crash", "finished", "permanent", "process_exit"]))
    def crash(self, number: int, reason: str) -> None:
        if (child := self.one_that_runs(number)) is not None:
            self.bench.down(child.path, Ending(reason, RuntimeError("boom")))
            self.model.fail(child, reason)
            self.settle()

    @precondition(lives)
    @rule(number=NUMBER, seconds=st.sampled_from([0.125, 2.125]))
    def wait(self, number: int, seconds: float) -> None:
        child = self.one_that_runs(number, lambda member: member.restart != "temporary")
        if child is not None:
            self.bench.wait(child.path, seconds)
            self.model.fail(child, "waiting", seconds)
            self.settle()

    @precondition(lives)
    @rule(number=NUMBER)
    def hang(self, number: int) -> None:
        """For two polls: at the first it is shaken, at the second it is given up."""
        if (child := self.one_that_runs(number)) is not None:
            self.bench.seen[child.path] = Vitals(busy=100.0)
            self.tick(1)
            self.tick(1, lambda: self.model.fail(child, "hang"))
            self.bench.seen.clear()
            self.bench.threads.clear()  # the thread has ended after all

    @precondition(lives)
    @rule(polls=st.integers(1, 30))
    def pass_time(self, polls: int) -> None:
        self.tick(polls)

    def tick(self, polls: int, then: Callable[[], None] = lambda: None) -> None:
        """So many polls pass; whoever starts meanwhile comes up at once."""
        end = self.bench.clock.monotonic() + polls * POLL
        while (due := self.bench.tree.runtime.timers.next()) is not None and due <= end and self.lives():
            self.bench.advance(due - self.bench.clock.monotonic())
            self.bench.all_ready()
        self.bench.advance(end - self.bench.clock.monotonic())
        self.model.pass_time(polls * POLL)
        then()
        self.settle()

    @precondition(lambda self: self.lives() and self.is_calm())
    @rule(path=st.sampled_from(PATHS))
    def start(self, path: str) -> None:
        self.bench.do(Start(path))
        self.check(self.model.ask_start(path))

    @precondition(lambda self: self.lives() and self.is_calm())
    @rule(path=st.sampled_from(PATHS))
    def stop(self, path: str) -> None:
        self.bench.do(Stop(path))
        self.check(self.model.ask_stop(path))

    @precondition(lives)
    @rule(path=st.sampled_from(PATHS))
    def restart(self, path: str) -> None:
        member = self.model.find(path)
        if self.is_calm() or path not in INNER or (member is not None and self.model.rests(member)):
            self.bench.do(Restart(path))
            self.check(self.model.ask_restart(path))

    def check(self, done: bool) -> None:
        """Whether it was done is what the answer says."""
        self.settle()
        (answer,) = self.bench.answered()
        assert isinstance(answer, Refused) is not done, answer

    # -- reloads

    def reload(self) -> None:
        self.bench.reload(self.spec())
        self.check(done=True)

    @precondition(lives)
    @rule(number=NUMBER)
    def change(self, number: int) -> None:
        if self.plan:
            path = list(self.plan)[number % len(self.plan)]
            self.plan[path] += 1
            self.model.change(path)
            self.reload()

    @precondition(lambda self: self.lives() and self.is_calm())
    @rule(path=st.sampled_from(INNER))
    def remove_or_add(self, path: str) -> None:
        if path in self.plan:
            del self.plan[path]
            self.model.remove(path)
        else:
            self.plan[path] = 10
            self.model.add(path, self.kinds[path])
        self.reload()

    @precondition(lambda self: self.lives() and self.is_calm())
    @rule(order=st.permutations(INNER))
    def reorder(self, order: list[str]) -> None:
        self.plan = {path: self.plan[path] for path in order if path in self.plan}
        self.model.reorder(list(self.plan))
        self.reload()

    @precondition(lives)
    @rule(limit=st.integers(0, 3))
    def change_limit(self, limit: int) -> None:
        """Of failures: a supervisor that rests is started at once for it, and one that runs does not notice."""
        inner = self.model.inner
        if limit != inner.limit:
            self.keys["intensity"] = inner.limit = limit
            if inner.state == "backoff":
                self.model._begin(inner)
        self.reload()

    # -- what must be alike

    @invariant()
    def alike(self) -> None:
        bench, model = self.bench, self.model
        members = {member.path: member for member in [model.root, *model.members()]}
        assert bench.states() == {path: member.state for path, member in members.items()}
        assert {p: bench.generation(p) for p in [*INNER, "a", "b"]} == {
            p: model.generations[p] for p in [*INNER, "a", "b"]
        }
        for path, member in members.items():
            node = bench.node(path)
            assert node.restarts == +member.restarts, path
            assert node.wakes_at == (member.wakes_at if model.rests(member) else None), path
        shown = [path for path in bench.shown() if path != "root"]
        assert shown == [member.path for member in model.members()]
        assert (bench.ending is not None) is model.ended


def test_case_92_a_tree_does_what_the_reference_says_in_ten_thousand_steps() -> None:
    """What it finds is printed at once: to make it small may take longer than a test has, to explain it always does."""
    how = settings(max_examples=200, stateful_step_count=50, deadline=None, print_blob=True)
    find = [Phase.reuse, Phase.generate]
    try:
        run_state_machine_as_test(TreeMachine, settings=settings(how, phases=find))
    except Exception as found:
        print(*found.__notes__, sep="\n")
        run_state_machine_as_test(TreeMachine, settings=settings(how, phases=[*find, Phase.shrink]))
        raise


@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
def test_case_92_as_it_has_found_a_temporary_bystander_stays_down_even_if_the_back_off_is_over_before_it_is_down(
    strategy: str,
) -> None:
    bench = Calm(supervisor("root", actor("a"), actor("b", restart="temporary"), strategy=strategy), obedient=False)
    bench.boot()
    bench.crash("a")
    bench.advance(0.0)
    bench.down("b", Ending("stopped"))
    bench.all_ready()
    assert bench.states() == {"root": "up", "a": "up"}


def one_is_changed_while_another_waits(strategy: str) -> TreeMachine:
    """The second of three is parked, the first waits, and then the second is started since its keys have changed."""
    machine = TreeMachine()
    machine.begin(strategy, 0, "park", ("permanent", "transient", "permanent"), "permanent")
    machine.crash(2, "permanent")
    machine.wait(1, 2.125)
    machine.change(1)
    machine.alike()
    assert [machine.bench.state(path) for path in INNER] == ["waiting", "up", "idle"]
    return machine


def test_case_92_as_it_has_found_one_that_did_not_go_down_with_another_does_not_come_up_with_it() -> None:
    machine = one_is_changed_while_another_waits("one_for_all")
    machine.crash(1, "finished")
    machine.change(1)  # it is done no more, but has been asked for by nobody
    machine.pass_time(9)
    machine.alike()
    assert [machine.bench.state(path) for path in INNER] == ["up", "idle", "up"]


def test_case_92_as_it_has_found_one_whose_rest_is_over_before_that_of_one_above_it_comes_up_after_that_one() -> None:
    machine = one_is_changed_while_another_waits("rest_for_one")
    machine.change_limit(2)
    machine.crash(1, "crash")
    machine.alike()
    assert [machine.bench.state(path) for path in INNER] == ["waiting", "idle", "idle"]
    machine.bench.log.clear()
    machine.pass_time(9)
    machine.alike()
    assert machine.bench.taken() == ["start s/x", "start s/y", "start s/z"]
