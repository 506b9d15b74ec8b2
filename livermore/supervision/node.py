"""A node of the running tree: what actors and supervisors have in common."""

from collections import Counter
from enum import StrEnum
from typing import Protocol

from livermore.supervision.events import Arguments, Ending
from livermore.supervision.restart import delay
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import NodeSpec
from livermore.supervision.timers import Action


class State(StrEnum):
    """Where a node stands. BACKOFF and WAITING start again by themselves; IDLE and PARKED do not."""

    IDLE = "idle"
    STARTING = "starting"
    UP = "up"
    STOPPING = "stopping"
    BACKOFF = "backoff"
    WAITING = "waiting"
    PARKED = "parked"


ALIVE = frozenset({State.STARTING, State.UP, State.STOPPING})


class Parent(Protocol):
    """What a node tells the supervisor above it."""

    def child_ready(self, child: "Node") -> None:
        """The child is up."""

    def child_ended(self, child: "Node", ending: Ending) -> None:
        """The child was alive and is not any more."""

    def child_rested(self, child: "Node") -> None:
        """The child's back-off or wait is over."""


class Node:
    """A state, since when it holds, and what led to it."""

    def __init__(self, spec: NodeSpec, parent: Parent, runtime: Runtime) -> None:
        self.spec, self.parent, self.runtime = spec, parent, runtime
        self.state = State.IDLE
        self.since = runtime.now
        self.ending: Ending | None = None  # of the last time it failed
        self.restarts: Counter[str] = Counter()  # by reason
        self.given: Arguments = {}  # with a request to start it
        self.arguments: Arguments = {}  # those, over what its supervisor was started with
        self.requester: str | None = None  # who asked for the start or stop under way
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

    def become(self, state: State) -> None:
        """Enter a state."""
        self.state, self.since, self.wakes_at = state, self.runtime.now, None
        self._turn += 1

    def came_up(self) -> None:
        """Enter UP; after ``reset_after`` seconds of it the back-off starts anew."""
        self.become(State.UP)
        self.after(self.spec.keys.backoff.reset_after, self._recovered)
        self.parent.child_ready(self)

    def _recovered(self) -> None:
        self._attempts = 0

    def ended(self, state: State, ending: Ending) -> None:
        """Stop being alive."""
        self.become(state)
        self.ending = ending
        self.parent.child_ended(self, ending)

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

    def after(self, seconds: float, action: Action) -> None:
        """Run ``action`` in so many seconds, unless the state has changed by then."""
        turn = self._turn
        self.runtime.timers.at(self.runtime.now + seconds, lambda: action() if self._turn == turn else None)
