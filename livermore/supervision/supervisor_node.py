"""A supervisor in the running tree: it starts its children in order, stops them in reverse, and restarts what fails."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from livermore.supervision.agenda import Agenda
from livermore.supervision.events import Arguments, Ending, Reason, Refused, Started, Stopped, nobody
from livermore.supervision.node import Node, Parent
from livermore.supervision.restart import Intensity, Verdict, verdict
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import ActorSpec, NodeSpec, SupervisorSpec
from livermore.supervision.state import State
from livermore.supervision.strategy import comes_back, dependents, freed


class Registry(Protocol):
    """Makes nodes, and knows them by their paths."""

    def make(self, spec: NodeSpec, parent: Parent) -> Node:
        """A node, which is known from now on."""

    def forget(self, node: Node) -> None:
        """A node that is no more, with all below it."""


class SupervisorNode(Node):
    """An agenda drives it: every event ends in `work`, which takes its next step once the one before it is done."""

    spec: SupervisorSpec

    def __init__(self, spec: SupervisorSpec, parent: Parent, runtime: Runtime, registry: Registry) -> None:
        super().__init__(spec, parent, runtime)
        self._registry = registry
        self.children = [registry.make(child, self) for child in spec.children]
        self.intensity = Intensity(spec.keys.intensity, spec.keys.period)
        self.exhausted: dict[str, int] = {"escalate": 0, "park": 0}
        self._agenda = Agenda(self.children)
        self._verdict = Ending(Reason.STOPPED)  # why it is stopping
        self._working = False
        self._some_wait = False  # children, for one that they went down with
        self.kept: set[Node] = set()  # not to be forgotten although they are temporary and stop

    # -- what the parent asks for

    def start(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.intensity = Intensity(self.spec.keys.intensity, self.spec.keys.period)
        self._restore()
        self.become(State.STARTING)
        self._agenda.start([c for c in self.children if c.spec.keys.autostart and c.state == State.IDLE])
        self.work()

    def _restore(self) -> None:
        """Have just the children of the specification: what was added is gone, what was temporary is back."""
        held = {child.spec.path: child for child in self.children if not child.dynamic}
        for child in self.children:
            if child.dynamic:
                self._registry.forget(child)
        self.children[:] = [held.get(spec.path) or self._registry.make(spec, self) for spec in self.spec.children]
        for child in self.children:
            child.become(State.IDLE)
            child.waits = False
            if not child.spec.keys.enabled:
                child.become(State.DISABLED)

    def stop(self) -> None:
        self.close(Ending(Reason.STOPPED))

    def close(self, ending: Ending) -> None:
        """Stop every child, then end like this; a request to stop overrules a failure."""
        if not self.alive:
            self.become(State.IDLE)
        elif self.state != State.STOPPING:
            self.become(State.STOPPING)
            self._agenda.stop_only(self.children)
            self._verdict = ending
            self.parent.child_closes()
            self._limit()
            self.work()
        elif ending.reason == Reason.STOPPED:
            self._verdict = ending
            self._limit()  # the tree may have less time than it has itself

    def _limit(self) -> None:
        limit = self.runtime.within(self.spec.keys.shutdown)
        if limit < float("inf"):
            self.after(limit, self._abandon_all)

    def drain(self) -> None:
        for child in self.children:
            child.drain()

    def abandon(self) -> None:
        if self.alive:
            self.close(Ending(Reason.ABANDONED))
            self._abandon_all()

    def _abandon_all(self) -> None:
        """A supervisor has no thread that could be given up: each actor below it is, by itself."""
        for child in reversed(self.children):
            child.abandon()

    # -- what children report

    def child_ready(self, child: Node) -> None:
        self._answer(child, Started(child.path))
        self.work()

    def child_rested(self, child: Node) -> None:
        if self.is_closing or child in self._agenda.to_stop:
            return
        if self.spec.keys.strategy == "one_for_one":
            child.start(self.arguments_of(child))  # whatever else is starting: they are strangers
            return
        child.become(State.IDLE)
        child.waits = self._some_wait = True  # with those that went down with it, so that all start in order
        self.work()

    def child_ended(self, child: Node, ending: Ending, *, asked: bool) -> None:
        if asked or self.is_closing or child in self._agenda.to_stop:
            self._stopped(child)
        elif child.asked_for and ending.retry_after is None:
            self._answer(child, Refused(child.path, str(ending)))
            self._react_to_refusal(child, ending)
        else:
            self._react(child, ending)
        self.work()

    def _stopped(self, child: Node) -> None:
        if child in self._agenda.to_start:
            return  # it is renewed, and answers once it is up again
        self._answer(child, Stopped(child.path))
        if child.spec.keys.restart == "temporary" and child not in self.kept:
            self._drop(child)

    @property
    def is_closing(self) -> bool:
        """Whether nothing is to be started any more."""
        return self.state == State.STOPPING or self.runtime.is_closing

    def child_closes(self) -> None:
        """It has the time that its key ``shutdown`` gives it."""

    # -- decisions

    def _react_to_refusal(self, child: Node, ending: Ending) -> None:
        """A start that was asked for has failed, and whoever asked has been told."""
        if child in self._agenda.to_start:  # it was to be restarted: it goes on being tried
            self._react(child, ending)
        elif ending.reason == Reason.IGNORED:
            self._forget(child)
        elif child.dynamic and not child.proven:
            self._drop(child)

    def _react(self, child: Node, ending: Ending) -> None:
        what = verdict(child.spec.keys.restart, ending.reason)
        if what is Verdict.WAIT:
            self._restart(child, ending)
        elif self._is_failed_boot(child, ending):
            self.close(Ending(Reason.START_FAILED, ending.error))
        elif what is Verdict.FORGET:
            self._forget(child)
        elif what is Verdict.PARK:
            child.become(State.PARKED)
        elif why := self._why_too_much(child, ending):
            self._exhausted(child, RuntimeError(f"{child.path} {why}: {ending}"))
        else:
            self._restart(child, ending)

    def _is_failed_boot(self, child: Node, ending: Ending) -> bool:
        """Whether a child that must be there did not come up when this supervisor started."""
        first = self.state == State.STARTING and child in self._agenda.to_start and child.spec.keys.required
        return first and ending.reason not in {Reason.IGNORED, Reason.FINISHED}

    def _forget(self, child: Node) -> None:
        """It is over with a child that is not to be started again."""
        self.runtime.shell.discard(child.path, Reason.FINISHED)
        if child.spec.keys.restart == "temporary":
            self._drop(child)
        else:
            child.become(State.DONE)

    def _why_too_much(self, child: Node, ending: Ending) -> str | None:
        """Why it is not restarted: threads that cannot be ended, or the file says so, or the count."""
        counted = self.intensity.exceeded(self.runtime.now)
        if isinstance(child.spec, ActorSpec) and ending.reason in {Reason.HANG, Reason.HEARTBEAT}:
            keys = child.spec.keys.hang
            if keys.action == "escalate":
                return "hangs, which is not for it alone"
            if self.runtime.shell.zombies(child.path) > keys.zombies_max:
                return f"has left more than {keys.zombies_max} threads that hang"
        return f"failed, more than {self.intensity.limit} times in {self.intensity.period:g} s" if counted else None

    def _exhausted(self, child: Node, error: Exception) -> None:
        action = self.spec.keys.on_exhausted
        self.exhausted[action] += 1
        ending = Ending(Reason.EXHAUSTED, error)
        self.runtime.shell.failed(self.path, 0, ending)
        if action == "park":
            child.become(State.PARKED)
        else:
            self.close(ending)

    def _restart(self, child: Node, ending: Ending) -> None:
        child.rest(ending)
        affected = dependents(self.spec.keys.strategy, self.children, child)
        for bystander in affected:
            bystander.waits = comes_back(bystander)
            if bystander.alive and bystander.spec.keys.restart != "temporary":
                bystander.restarts["strategy"] += 1
        if affected:
            self._some_wait = True
            self._agenda.stop_only(affected)

    # -- one step at a time

    def work(self) -> None:
        """Take steps until one has to be waited for. A step may end up here again: the outer loop goes on then."""
        if self._working:
            return
        self._working = True
        while self._step():
            pass
        self._working = False

    def _step(self) -> bool:
        if self._agenda.to_stop:
            return self._stop_last()
        if self.state == State.STOPPING:
            self.ended(self._verdict, asked=self._verdict.reason in {Reason.STOPPED, Reason.ABANDONED})
            return True
        return not self.is_closing and self._start_first()

    def _stop_last(self) -> bool:
        last = self._agenda.to_stop[-1]
        if last.state not in {State.STOPPING, State.DISABLED}:
            last.stop()
        if last.alive:
            return False
        self._agenda.stopped(last)
        return True

    def _start_first(self) -> bool:
        if self._some_wait and not self._agenda.to_start and self.state == State.UP:
            self._agenda.start(list(freed(self.spec.keys.strategy, self.children)))
            self._some_wait = any(child.waits for child in self.children)
        if self._agenda.to_start:
            return self._start_child(self._agenda.to_start[0])
        if self.state == State.STARTING:
            self.came_up()
            return True
        return False

    def _start_child(self, child: Node) -> bool:
        if child.state == State.IDLE:
            child.start(self.arguments_of(child))
        if child.alive and child.state != State.UP:
            return False
        self._agenda.started(child)  # one at rest will start by itself
        return True

    def arguments_of(self, child: Node) -> Arguments:
        """What a child starts with: what this supervisor was started with, then what was given for the child."""
        return {**self.arguments, **child.given}

    @staticmethod
    def _answer(child: Node, answer: Started | Stopped | Refused) -> None:
        reply, child.reply, child.asked_for = child.reply, nobody, False
        reply(answer)

    # -- changes while it runs

    def leave_out(self, child: Node) -> None:
        """Do not start a child that is about to be gone."""
        self._agenda.leave_out((child,))

    def renew(self, child: Node, reason: str) -> None:
        """Stop a child and start it again; the reason is counted, but as no failure."""
        child.restarts[reason] += 1
        child.fresh()
        self._agenda.stop((child,))
        self._agenda.start((child,))
        self.work()

    def insert(self, spec: NodeSpec, *, dynamic: bool = False) -> Node:
        """Have one more child, at rest, at the end."""
        child = self._registry.make(spec, self)
        child.dynamic = dynamic
        self.children.append(child)
        return child

    def remove(self, child: Node) -> None:
        """Forget a child that does not run."""
        child.become(State.IDLE)
        self.runtime.shell.discard(child.path, "removed")
        self._drop(child)

    def _drop(self, child: Node) -> None:
        self.children.remove(child)
        self._agenda.drop(child)
        self._registry.forget(child)

    def reorder(self, specs: Iterable[NodeSpec]) -> None:
        """Have the children stand in this order; what was added stands behind them."""
        places = {spec.path: place for place, spec in enumerate(specs)}
        self.children.sort(key=lambda child: places.get(child.path, len(places)))


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in start order."""
    yield node
    for child in list(node.children) if isinstance(node, SupervisorNode) else ():
        yield from walk(child)
