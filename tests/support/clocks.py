"""Clocks that tests move by hand."""


class ManualClock:
    """All three times advance together, when told to; wall time can be set besides."""

    def __init__(self, now: int = 1_700_000_000_000, speed: float = 1.0) -> None:
        self._start, self._passed, self._set, self.speed = now, 0.0, 0.0, speed

    def advance(self, seconds: float) -> None:
        """Let so many wall seconds pass."""
        self._passed += seconds

    def set_wall(self, seconds: float) -> None:
        """Somebody sets the clock on the wall, by so many seconds."""
        self._set += seconds

    def now(self) -> int:
        return self._start + round(self._passed * 1000 * self.speed)

    def wall(self) -> int:
        return self._start + round((self._passed + self._set) * 1000)

    def monotonic(self) -> float:
        return self._passed
