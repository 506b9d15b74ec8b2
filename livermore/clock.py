"""Time: one clock is made at start and handed to everything that needs to know what time it is."""

import re
import time
from dataclasses import dataclass
from typing import Protocol

from livermore.errors import LivermoreError

FASTEST = 10.0


class Clock(Protocol):
    """Market time says what the exchange's clock says; wall and monotonic time rule leases, back-off and time-outs."""

    @property
    def speed(self) -> float:
        """Market seconds that pass in one wall second."""

    def now(self) -> int:
        """Market time, ms since the epoch, UTC."""

    def wall(self) -> int:
        """Wall time, ms since the epoch, UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""


@dataclass(frozen=True)
class AffineClock:
    """A clock whose market time is a straight line over wall time; the default line is wall time itself."""

    market_origin: int = 0
    wall_origin: int = 0
    speed: float = 1.0

    @classmethod
    def from_text(cls, text: str) -> "AffineClock":
        """Read ``MARKET_MS@WALL_MSxSPEED``, the form of ``LIVERMORE_CLOCK``; nothing gives wall time.

        Raises:
            LivermoreError: the text has another form, or the speed lies outside 0 to 10.
        """
        if not text:
            return cls()
        parts = re.fullmatch(r"(\d{1,15})@(\d{1,15})x(\d{1,3}(?:\.\d{1,6})?)", text, re.ASCII)
        if parts is None or not 0 < float(parts[3]) <= FASTEST:
            raise LivermoreError(f"LIVERMORE_CLOCK is MARKET_MS@WALL_MSxSPEED with a speed up to 10, not {text!r}")
        return cls(int(parts[1]), int(parts[2]), float(parts[3]))

    def now(self) -> int:
        return self.market_origin + int((self.wall() - self.wall_origin) * self.speed)

    def wall(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    def __str__(self) -> str:
        return f"{self.market_origin}@{self.wall_origin}x{self.speed:.6f}"


def wall_seconds(clock: Clock, market_ms: float) -> float:
    """How many wall seconds a stretch of market time (ms) takes."""
    return market_ms / 1000 / clock.speed
