"""What the state machine of a tree stands on: a clock, timers, luck, and a shell that runs what it decides."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from livermore.clock import Clock
from livermore.supervision.events import Answer, Arguments, Ending
from livermore.supervision.spec import ActorSpec
from livermore.supervision.timers import Timers
from livermore.supervision.vitals import Vitals
from livermore.supervision.watchers import Watchers


class Shell(Protocol):
    """Does what the tree decides. Nothing here blocks; what comes of it arrives as events."""

    def spawn(self, spec: ActorSpec, generation: int, arguments: Arguments) -> None:
        """Start an incarnation: one `Down` will follow, and perhaps a `Ready` before it."""

    def stop(self, path: str) -> None:
        """Ask the current incarnation to end."""

    def quiesce(self, path: str) -> None:
        """Ask the current incarnation to take in nothing new."""

    def reconfigure(self, path: str, options: Any) -> None:
        """Hand the current incarnation its new options."""

    def interrupt(self, path: str) -> None:
        """Try to shake the current incarnation awake."""

    def abandon(self, path: str, ending: Ending) -> Ending:
        """Give the current incarnation up: fence what it sends, and let its thread run out.

        Gives the ending, with where it stood and what message it was at.
        """

    def vitals(self, path: str) -> Vitals:
        """How the current incarnation is."""

    def zombies(self, path: str) -> int:
        """How many incarnations of this actor that were given up have not ended yet."""

    def answer(self, path: str, answer: Answer) -> None:
        """Tell an actor something by its control lane."""

    def failed(self, path: str, generation: int, ending: Ending) -> None:
        """Write down that a node failed, or waits."""

    def warned(self, path: str, vitals: Vitals) -> None:
        """Write down that an actor takes long, and where it stands."""

    def discard(self, path: str, reason: str) -> None:
        """Give up the mail that was kept for the next incarnation."""

    def forget(self, path: str) -> None:
        """Keep nothing of an actor that has ended for good: there is no such node any more."""


class Runtime:
    """One for each tree."""

    def __init__(self, clock: Clock, shell: Shell, luck: Callable[[], float]) -> None:
        """``luck``: gives numbers in [0, 1), for the jitter of back-off."""
        self.clock, self.shell, self.luck = clock, shell, luck
        self.timers = Timers()
        self.generations: Counter[str] = Counter()
        """Incarnations of each path so far: none ever has the number of another, whatever becomes of its node."""
        self.watchers = Watchers(shell.answer)
        self.is_closing = False
        self.stop_by = float("inf")
        """When a tree that is closing has to be gone, monotonic seconds."""

    def close(self, within: float) -> None:
        """Nothing is started any more, and all is to be gone within so many seconds."""
        self.is_closing, self.stop_by = True, min(self.stop_by, self.now + within)

    @property
    def now(self) -> float:
        """Monotonic seconds."""
        return self.clock.monotonic()

    def within(self, limit: float) -> float:
        """A limit (seconds), clipped to what is left until the tree has to be gone."""
        return max(0.0, min(limit, self.stop_by - self.now))
