"""The grace: how long after a bucket's end its last news is waited for, as short as the late ones allow."""

from collections import deque

from livermore.market.timeframe import MINUTE

LEAST = 250
"""Milliseconds below which nothing is gained."""
REMEMBERED = 60
"""Minutes of which the slowest news still counts."""
LEARNT = 5
"""Minutes with news before the measure is believed."""


class Grace:
    """Starts at ``most`` (ms), and follows what is measured by the exchange's own clock: never more than that."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._slowest: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)  # (minute, longest delay in it)

    def measure(self, happened: int, told: int) -> None:
        """Something that happened at one moment was told at another (both ms of the exchange's clock)."""
        minute, delay = told // MINUTE, max(0, told - happened)
        if self._slowest and self._slowest[-1][0] >= minute:
            self._slowest[-1] = (self._slowest[-1][0], max(delay, self._slowest[-1][1]))
        else:
            self._slowest.append((minute, delay))

    @property
    def ms(self) -> int:
        """Half as long again as the slowest news of the last hour took, and a little more."""
        if len(self._slowest) < LEARNT:
            return self._most
        slowest = max(delay for _, delay in self._slowest)
        return min(self._most, max(LEAST, slowest * 3 // 2 + 100))
