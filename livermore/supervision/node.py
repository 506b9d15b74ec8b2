"""A node of the running tree: what actors and supervisors have in common."""

from collections import Counter
from typing import Protocol

from livermore.supervision.events import Answer, Arguments, Ending, Reply, nobody
from livermore.supervision.restart import delay
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import NodeSpec
from livermore.supervision.state import ALIVE, WAYS, State
from livermore.supervision.timers import Action


class Parent(Protocol):
    """What a node tells the supervisor above it."""

    def child_ready(self, child: "Node") -> None:
        """The child is up."""

    def child_ended(self, child: "Node", ending: Ending, *, asked: bool) -> None:
        """The child was alive and is not any more; ``asked``: it had been told to stop."""

    def child_rested(self, child: "Node") -> None:
        """The child's back-off or wait is over."""

    def child_closes(self) -> None:
        """The child has begun to stop all that is below it."""


class Node:
    """A state, since when it holds, and what led to it."""

    def __init__(self, spec: NodeSpec, parent: Parent, runtime: Runtime) -> None:
        self.spec, self.parent, self.runtime = spec, parent, runtime
        self.state = State.IDLE
        self.since = runtime.now
        self.started_at = 0  # when it was last started, ms since the epoch
        self.ending: Ending | None = None  # of the last time it failed
        self.restarts: Counter[str] = Counter()  # by reason
        self.given: Arguments = {}  # with a request to start it
        self.arguments: Arguments = {}  # those, over what its supervisor was started with
        self.reply: Reply = nobody  # to whoever asked for the start or stop under way
        self.asked_for = False  # whether anybody did
        self.waits = False  # it went down with another one, and comes up again once that one is
        self.dynamic = False  # added while running: no file knows it
        self.proven = False  # it has been up
        self.wakes_at: float | None = None  # when a back-off or wait ends, monotonic seconds
        self._attempts = 0  # restarts since the last healthy spell
        self._turn = 0  # grows with each change of state: a timer that was set before sees that it is late

    @property
    def path(self) -> str:
        return self.spec.path

    @property
    def alive(self) -> bool:
        return self.state in ALIVE

    def start(self, arguments: Arguments) -> None:
        """Begin to start; the parent hears `child_ready` or `child_ended`."""
        raise NotImplementedError

    def stop(self) -> None:
        """Begin to stop what is alive; the parent hears `child_ended`. A node at rest goes idle at once."""
        raise NotImplementedError

    def drain(self) -> None:
        """Take in nothing new: the tree is about to stop."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Give up what is alive, whatever it does."""
        raise NotImplementedError

    # -- states

    def become(self, state: State) -> None:
        """Enter a state. There is no way but those of `WAYS`."""
        assert state in WAYS[self.state], f"{self.path} cannot become {state}: it is {self.state}"
        self.state, self.since, self.wakes_at = state, self.runtime.now, None
        self.waits = self.waits and state != State.STARTING
        if state == State.STARTING:
            self.started_at = self.runtime.clock.wall()
        self._turn += 1

    def came_up(self) -> None:
        """Enter UP; after ``reset_after`` seconds of it the back-off starts anew."""
        self.become(State.UP)
        self.proven = True
        self.after(self.spec.keys.backoff.reset_after, self._recovered)
        self.parent.child_ready(self)

    def _recovered(self) -> None:
        self._attempts = 0

    def ended(self, ending: Ending, *, asked: bool) -> None:
        """Stop being alive; ``asked``: as somebody wanted."""
        self.become(State.IDLE)
        self.ending = ending
        self.parent.child_ended(self, ending, asked=asked)

    def rest(self, ending: Ending) -> None:
        """Wait before the next start: as long as a `Transient` says, or as the back-off says."""
        self.restarts[ending.reason] += 1
        if ending.retry_after is not None:
            self._rest(State.WAITING, ending.retry_after)
        else:
            self._rest(State.BACKOFF, delay(self.spec.keys.backoff, self._attempts, self.runtime.luck()))
            self._attempts += 1

    def _rest(self, state: State, seconds: float) -> None:
        self.become(state)
        self.wakes_at = self.runtime.now + seconds
        self.after(seconds, lambda: self.parent.child_rested(self))

    def fresh(self) -> None:
        """Forget the back-off: what comes now is no repetition."""
        self._attempts = 0

    def after(self, seconds: float, action: Action) -> None:
        """Run ``action`` in so many seconds, unless the state has changed by then."""
        turn = self._turn
        self.runtime.timers.at(self.runtime.now + seconds, lambda: action() if self._turn == turn else None)

    # -- requests

    def asked(self, reply: Reply) -> None:
        """Somebody wants to hear, as others may, what becomes of the start or stop under way."""
        others = self.reply

        def all_hear(answer: Answer) -> None:
            others(answer)
            reply(answer)

        self.reply, self.asked_for = all_hear, True
