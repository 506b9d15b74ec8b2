"""A supervisor in the running tree: it starts its children in order, stops them in reverse, and restarts what fails."""

from collections import deque
from collections.abc import Callable

from livermore.supervision.events import Arguments, Ending, Refused, Started, Stopped
from livermore.supervision.node import Node, Parent, State
from livermore.supervision.restart import Intensity
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import NodeSpec, SupervisorSpec

MakeNode = Callable[[NodeSpec, Parent, Runtime], Node]


class SupervisorNode(Node):
    """Two lists drive it: children still to stop, last first, and then children still to start, in order.

    Every event ends in `_work`, which takes the next step of these lists if the step before it is done.
    """

    spec: SupervisorSpec

    def __init__(self, spec: SupervisorSpec, parent: Parent, runtime: Runtime, make: MakeNode) -> None:
        super().__init__(spec, parent, runtime)
        self.children = [make(child, self, runtime) for child in spec.children]
        self.intensity = Intensity(spec.keys.intensity, spec.keys.period)
        self._to_stop: list[Node] = []
        self._to_start: deque[Node] = deque()
        self._verdict = Ending("stopped")  # why it is stopping
        self._working = False

    # -- what the parent asks for

    def start(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.intensity = Intensity(self.spec.keys.intensity, self.spec.keys.period)
        self.become(State.STARTING)
        self._to_start = deque(child for child in self.children if child.spec.keys.autostart)
        self._work()

    def stop(self) -> None:
        self._close(Ending("stopped"))

    def _close(self, verdict: Ending) -> None:
        """Stop every child, then end with ``verdict``; a request to stop overrules a failure."""
        if not self.alive:
            self.become(State.IDLE)
        elif self.state != State.STOPPING:
            self.become(State.STOPPING)
            self._to_start.clear()
            self._to_stop = list(self.children)
            self._verdict = verdict
            self._work()
        elif verdict.reason == "stopped":
            self._verdict = verdict

    # -- what children report

    def child_ready(self, child: Node) -> None:
        self._reply(child, Started(child.path))
        self._work()

    def child_rested(self, child: Node) -> None:
        if self.state == State.STOPPING or child in self._to_stop:
            return
        if self.spec.keys.strategy == "one_for_one":
            child.start(self.arguments_of(child))  # whatever else is starting: they are strangers
            return
        child.become(State.IDLE)
        again = [child, *(c for c in self._dependents(child) if c.spec.keys.autostart)]
        self._to_start = deque(c for c in self.children if c in again or c in self._to_start)
        self._work()

    def child_ended(self, child: Node, ending: Ending) -> None:
        if self.state == State.STOPPING or child in self._to_stop or ending.reason == "stopped":
            self._reply(child, Stopped(child.path))
        elif child.requester is not None:
            self._reply(child, Refused(child.path, str(ending)))
        else:
            self._react(child, ending)
        self._work()

    # -- decisions

    def _react(self, child: Node, ending: Ending) -> None:
        first_start = self.state == State.STARTING and child in self._to_start and child.spec.keys.required
        if ending.retry_after is not None:
            self._restart(child, ending)
        elif first_start:
            self._close(Ending("start_failed", ending.error))
        elif ending.reason == "permanent":
            child.become(State.PARKED)
        elif self.intensity.exceeded(self.runtime.now):
            self._exhausted(child, ending)
        else:
            self._restart(child, ending)

    def _exhausted(self, child: Node, ending: Ending) -> None:
        count, period = self.spec.keys.intensity, self.spec.keys.period
        verdict = Ending("exhausted", RuntimeError(f"{child.path} failed, more than {count} in {period:g} s: {ending}"))
        self.runtime.shell.failed(self.path, 0, verdict)
        if self.spec.keys.on_exhausted == "park":
            child.become(State.PARKED)
        else:
            self._close(verdict)

    def _restart(self, child: Node, ending: Ending) -> None:
        child.rest(ending)
        affected = self._dependents(child)
        self._to_stop = [c for c in self.children if c in affected or c in self._to_stop]
        self._to_start = deque(c for c in self._to_start if c not in affected)

    def _dependents(self, child: Node) -> list[Node]:
        """The siblings that go down with it."""
        if self.spec.keys.strategy == "one_for_one":
            return []
        if self.spec.keys.strategy == "one_for_all":
            return [c for c in self.children if c is not child]
        return self.children[self.children.index(child) + 1 :]

    # -- one step at a time

    def _work(self) -> None:
        """Take steps until one has to be waited for. A step may end up here again: the outer loop goes on then."""
        if self._working:
            return
        self._working = True
        while self._step():
            pass
        self._working = False

    def _step(self) -> bool:
        if self._to_stop:
            return self._stop_last()
        if self.state == State.STOPPING:
            self.ended(State.IDLE, self._verdict)
            return True
        return self._start_first()

    def _stop_last(self) -> bool:
        last = self._to_stop[-1]
        if last.state != State.STOPPING:
            last.stop()
        if last.alive:
            return False
        if last in self._to_stop:
            self._to_stop.remove(last)
        return True

    def _start_first(self) -> bool:
        if self._to_start:
            first = self._to_start[0]
            if first.state == State.IDLE:
                first.start(self.arguments_of(first))
            if not first.alive or first.state == State.UP:
                self._to_start.popleft()  # a child at rest will start by itself
                return True
            return False
        if self.state == State.STARTING:
            self.came_up()
            return True
        return False

    def arguments_of(self, child: Node) -> Arguments:
        """What a child starts with: what this supervisor was started with, then what was given for the child."""
        return {**self.arguments, **child.given}

    @staticmethod
    def _reply(child: Node, answer: Started | Stopped | Refused) -> None:
        requester, child.requester = child.requester, None
        if requester is not None:
            child.runtime.shell.answer(requester, answer)
