"""Timers on the supervisor's clock: a heap of what is due, with no thread behind it."""

import heapq
import itertools
from collections.abc import Callable

Action = Callable[[], None]


class Timers:
    """Actions with their times (monotonic seconds). Equal times run in the order they were set."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Action]] = []
        self._count = itertools.count()

    def at(self, when: float, action: Action) -> None:
        """Run ``action`` once ``when`` has come. It is for the action to see whether it still applies."""
        heapq.heappush(self._heap, (when, next(self._count), action))

    def next(self) -> float | None:
        """When the next action is due, or None."""
        return self._heap[0][0] if self._heap else None

    def run(self, now: float) -> None:
        """Run all that is due at ``now``."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
