"""What the state machine of a tree stands on: a clock, timers, luck, and a shell that runs what it decides."""

from collections.abc import Callable
from typing import Protocol

from livermore.clock import Clock
from livermore.supervision.events import Answer, Arguments, Ending
from livermore.supervision.spec import ActorSpec
from livermore.supervision.timers import Timers


class Shell(Protocol):
    """Does what the tree decides. Nothing here blocks; what comes of it arrives as events."""

    def spawn(self, spec: ActorSpec, generation: int, arguments: Arguments) -> None:
        """Start an incarnation: one `Down` will follow, and perhaps a `Ready` before it."""

    def stop(self, path: str) -> None:
        """Ask the current incarnation to end."""

    def abandon(self, path: str) -> None:
        """Give the current incarnation up: fence what it sends, and let its thread run out."""

    def answer(self, path: str, answer: Answer) -> None:
        """Tell an actor what became of its request."""

    def failed(self, path: str, generation: int, ending: Ending) -> None:
        """Write down that a node failed, or waits."""


class Runtime:
    """One for each tree."""

    def __init__(self, clock: Clock, shell: Shell, luck: Callable[[], float]) -> None:
        """``luck``: gives numbers in [0, 1), for the jitter of back-off."""
        self.clock, self.shell, self.luck = clock, shell, luck
        self.timers = Timers()

    @property
    def now(self) -> float:
        """Monotonic seconds."""
        return self.clock.monotonic()
