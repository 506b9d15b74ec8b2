"""Timeframes: how long a candle lasts, and which smaller candles it is made of."""

from enum import StrEnum
from itertools import pairwise

MINUTE = 60_000


class Timeframe(StrEnum):
    """The six timeframes that are stored. A bucket is [open, open + ms), aligned to the epoch in UTC."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def ms(self) -> int:
        """Length in milliseconds."""
        return _MS[self]

    @property
    def child(self) -> "Timeframe | None":
        """The next smaller timeframe, which it is rolled up from; 1m has none."""
        return _CHILD.get(self)

    @property
    def parent(self) -> "Timeframe | None":
        """The next larger timeframe; 1d has none."""
        return _PARENT.get(self)

    def floor(self, at: int) -> int:
        """The open time (ms) of the bucket that holds the moment ``at`` (ms)."""
        return at - at % _MS[self]

    def last_closed(self, at: int) -> int:
        """The open time (ms) of the newest bucket that is over at the moment ``at`` (ms)."""
        return self.floor(at) - _MS[self]


_MS = dict(zip(Timeframe, (MINUTE * n for n in (1, 5, 15, 60, 240, 1440)), strict=True))
_ORDER = list(Timeframe)
_PARENT = dict(pairwise(_ORDER))
_CHILD = {parent: child for child, parent in _PARENT.items()}
