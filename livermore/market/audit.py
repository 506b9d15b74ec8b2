"""Audits: stored candles held against the exchange's own, and larger ones against those that they are made of."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from livermore.market.candle import Candle, Series, stem
from livermore.market.cursor import Cursor
from livermore.market.due import Page
from livermore.market.instant import iso
from livermore.market.rollup import roll_up

SETTLED = 60_000
"""How long (ms of market time) after its end a bucket is left alone: the exchange may still correct itself."""


class Check(StrEnum):
    """What a stored candle is held against."""

    REST = "rest"
    ROLL_UP = "roll-up"


class Mismatch(NamedTuple):
    """A bucket whose stored candle is not the expected one; None stands for no candle. ``open_time`` in ms."""

    series: Series
    open_time: int
    check: Check
    stored: Candle | None
    expected: Candle | None

    def __str__(self) -> str:
        told = f"stored {_told(self.stored)}, expected {_told(self.expected)}"
        return f"{self.series} {iso(self.open_time)} {self.check}: {told}"

    @property
    def doubtful(self) -> list[Page]:
        """What REST has to be asked about: where a roll-up differs, either side may be wrong."""
        series, at = self.series, self.open_time
        pages, child = [Page(series, at, at)], series.timeframe.child
        if self.check is Check.ROLL_UP and child is not None:
            pages.append(Page(series._replace(timeframe=child), at, at + series.timeframe.ms - child.ms))
        return pages


class Report(NamedTuple):
    """``checked``: how many candles were looked at, and those that are not as expected."""

    checked: int
    mismatches: Sequence[Mismatch]


class Holding(NamedTuple):
    """The stored candles of a series by open time (ms), which are all there are from ``first`` through ``last``."""

    series: Series
    first: int
    last: int
    candles: Mapping[int, Candle]

    def pages(self, size: int, newest: int | None = None) -> list[Page]:
        """Requests of at most ``size`` buckets for all of it, or for its ``newest`` buckets."""
        step = self.series.timeframe.ms
        first = self.first if newest is None else max(self.first, self.last - (newest - 1) * step)
        starts = range(first, self.last + 1, size * step)
        return [Page(self.series, at, min(self.last, at + (size - 1) * step)) for at in starts]


def holding(series: Series, stored: Sequence[Candle], cursor: Cursor | None, now: int) -> Holding | None:
    """What can be audited of a series at the market time ``now`` (ms): what is known, kept, and settled.

    ``stored``: all its candles, ascending.
    """
    if cursor is None:
        return None
    first = cursor.kept(len(stored), stored[0].open_time if stored else None).since
    last = min(cursor.through, series.timeframe.last_closed(now - SETTLED))
    return Holding(series, first, last, {c.open_time: c for c in stored}) if first <= last else None


def with_rest(held: Holding, page: Page, answer: Sequence[Candle]) -> Report:
    """Hold what is stored within a page, as far as it is still held, against REST's answer to it."""
    first, last = max(page.first, held.first), min(page.last, held.last)
    expected = {c.open_time: c for c in answer if first <= c.open_time <= last}
    stored = {at: c for at, c in held.candles.items() if first <= at <= last}
    return _compared(held.series, Check.REST, stored, expected)


def with_children(parent: Holding, children: Holding, first: int, last: int) -> Report:
    """Hold the larger candles with open times (ms) ``first`` to ``last`` against the roll-up of the smaller ones.

    Those whose smaller ones are not all known are left out.
    """
    inside = _whole(parent, children, first, last)
    groups: dict[int, list[Candle]] = {}
    for at, child in children.candles.items():
        groups.setdefault(parent.series.timeframe.floor(at), []).append(child)
    expected = {at: roll_up(group, parent.series.timeframe) for at, group in groups.items() if at in inside}
    stored = {at: c for at, c in parent.candles.items() if at in inside}
    return _compared(parent.series, Check.ROLL_UP, stored, expected)


def both(one: Report, other: Report) -> Report:
    """Two reports on different candles as one."""
    return Report(one.checked + other.checked, [*one.mismatches, *other.mismatches])


def _whole(parent: Holding, children: Holding, first: int, last: int) -> Collection[int]:
    step, child = parent.series.timeframe.ms, children.series.timeframe.ms
    since = -(-max(first, parent.first, children.first) // step) * step
    through = min(last, parent.last, parent.series.timeframe.floor(children.last + child) - step)
    return range(since, through + 1, step)


def _compared(series: Series, check: Check, stored: Mapping[int, Candle], expected: Mapping[int, Candle]) -> Report:
    times = sorted(stored.keys() | expected.keys())
    return Report(len(times), list(_differing(series, check, times, stored, expected)))


def _differing(
    series: Series, check: Check, times: Sequence[int], stored: Mapping[int, Candle], expected: Mapping[int, Candle]
) -> Iterator[Mismatch]:
    for at in times:
        held, wanted = stored.get(at), expected.get(at)
        if held is None or wanted is None or stem(held) != stem(wanted):
            yield Mismatch(series, at, check, held, wanted)


def _told(candle: Candle | None) -> str:
    return f"{candle.open} {candle.high} {candle.low} {candle.close} {candle.volume}" if candle is not None else "none"
