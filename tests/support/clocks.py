"""Clocks that tests move by hand."""


class ManualClock:
    """All three times advance together, when told to."""

    def __init__(self, now: int = 1_700_000_000_000, speed: float = 1.0) -> None:
        self._start, self._passed, self.speed = now, 0.0, speed

    def advance(self, seconds: float) -> None:
        """Let so many wall seconds pass."""
        self._passed += seconds

    def now(self) -> int:
        return self._start + round(self._passed * 1000 * self.speed)

    def wall(self) -> int:
        return self._start + round(self._passed * 1000)

    def monotonic(self) -> float:
        return self._passed
