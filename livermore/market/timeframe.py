"""Timeframes: how long a candle lasts, and which smaller candles it is made of."""

from enum import StrEnum
from itertools import pairwise

MINUTE = 60_000


class Length(StrEnum):
    """How long a bucket lasts. A bucket is [open, open + ms), aligned to the epoch in UTC."""

    @property
    def ms(self) -> int:
        """Length in milliseconds."""
        return _MS[self]

    def floor(self, at: int) -> int:
        """The open time (ms) of the bucket that holds the moment ``at`` (ms)."""
        return at - at % _MS[self]

    def ceiling(self, at: int) -> int:
        """The open time (ms) of the first bucket that opens at the moment ``at`` (ms) or after it."""
        return -(-at // _MS[self]) * _MS[self]

    def last_closed(self, at: int) -> int:
        """The open time (ms) of the newest bucket that is over at the moment ``at`` (ms)."""
        return self.floor(at) - _MS[self]


class Timeframe(Length):
    """The six timeframes that are stored."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def child(self) -> "Timeframe | None":
        """The next smaller timeframe, which it is rolled up from; 1m has none."""
        return _CHILD.get(self)

    @property
    def parent(self) -> "Timeframe | None":
        """The next larger timeframe; 1d has none."""
        return _PARENT.get(self)


class Rolled(Length):
    """Timeframes that are not stored: their candles are made of smaller ones when somebody asks."""

    M30 = "30m"
    H2 = "2h"
    H6 = "6h"

    @property
    def part(self) -> Timeframe:
        """The stored timeframe that it is made of: the largest that fits into it."""
        return _PART[self]


_MS: dict[Length, int] = {
    **dict(zip(Timeframe, (MINUTE * n for n in (1, 5, 15, 60, 240, 1440)), strict=True)),
    **dict(zip(Rolled, (MINUTE * n for n in (30, 120, 360)), strict=True)),
}
_ORDER = list(Timeframe)
_PARENT = dict(pairwise(_ORDER))
_CHILD = {parent: child for child, parent in _PARENT.items()}
_PART = {one: max((t for t in Timeframe if one.ms % t.ms == 0), key=lambda t: t.ms) for one in Rolled}
