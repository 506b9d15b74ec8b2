"""Pages of candles: from what is asked, or from a cursor, to a span of open times and the way through it."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from livermore.market.cursor import Cursor as Known
from livermore.market.timeframe import Length

START, END = -(2**53), 2**53
"""Before and after every open time (ms)."""


class Span(msgspec.Struct, frozen=True, array_like=True):
    """Open times ``first`` to ``last`` (ms, both included), of which pages are still to be given.

    Pages go ``up`` or down in time; the rows of a page ascend, or descend where ``falling``.
    """

    up: bool
    falling: bool
    first: int
    last: int

    def after(self, first: int, last: int) -> "Span":
        """What is left after a page whose oldest and newest candles opened then (ms)."""
        if self.up:
            return Span(self.up, self.falling, last + 1, self.last)
        return Span(self.up, self.falling, self.first, first - 1)

    def within(self, start: int | None, end: int | None) -> "Span":
        """The part of it from ``start`` (included) to ``end`` (not included)."""
        first, last = START if start is None else start, END if end is None else end - 1
        return Span(self.up, self.falling, max(self.first, first), min(self.last, last))


def span(start: int | None, end: int | None, order: Literal["asc", "desc"] | None) -> Span:
    """Where the first page begins: at the start that was asked for, or, without one, at the newest candle."""
    falling = order == "desc"
    return Span(start is not None and not falling, falling, START, END).within(start, end)


def answered(
    span: Span, opens: Sequence[int], *, more: bool, timeframe: Length, known: Known, now: int
) -> tuple[int, int]:
    """The first and the last open time (ms) of what a page speaks of; nothing, where the first is the later one.

    ``opens``: open times of the page's candles, ascending; ``more``: whether the span goes on after them; ``now``:
    market time. Where the span has no bound, it ends with what there is.
    """
    oldest, newest = (opens[0], opens[-1]) if opens else (known.since, known.through)
    low = oldest if span.first == START or (more and not span.up) else timeframe.ceiling(span.first)
    high = newest if span.last == END or (more and span.up) else timeframe.floor(span.last)
    return low, min(high, timeframe.last_closed(now))
