"""What has to be asked of the exchange's REST service, and nothing more.

Warm-up, boundary confirmation, reconnect repair and restart repair are all this one question: how far is each series
known, and what time is it?
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from livermore.market.candle import Series
from livermore.market.cursor import Cursor
from livermore.market.timeframe import Timeframe

WIRED = frozenset({Timeframe.M1, Timeframe.M5})
"""Timeframes that the wire alone may settle. The larger ones are confirmed by REST at every boundary."""


@dataclass(frozen=True)
class Page:
    """A request for the candles of a series with open times (ms) ``first`` to ``last``, both included.

    ``fresh`` pages start a series anew: they are history, not news.
    """

    series: Series
    first: int
    last: int
    fresh: bool = False

    @property
    def buckets(self) -> int:
        return (self.last - self.first) // self.series.timeframe.ms + 1


@dataclass(frozen=True)
class Patience:
    """How long to wait (ms of market time) before asking, and how much at once (buckets)."""

    settle: int = 3_000
    wire: int = 15_000
    page: int = 350
    warmup: int = 350
    history: int = 1_000


def due(
    cursors: Mapping[Series, Cursor | None],
    now: int,
    patience: Patience,
    urgent: Collection[Series] = frozenset(),
) -> list[Page]:
    """The next page of every series that needs one, small timeframes first, then in the order of ``cursors``.

    ``now``: market time, ms. ``urgent``: series whose wire has reported a hole, which need not be waited for.
    """
    pages = (
        page for series, cursor in cursors.items() for page in _pages(series, cursor, now, patience, series in urgent)
    )
    return sorted(pages, key=lambda page: page.series.timeframe.ms)


def _pages(series: Series, cursor: Cursor | None, now: int, patience: Patience, urgent: bool) -> Iterator[Page]:  # noqa: FBT001 - one caller
    timeframe = series.timeframe
    wait = patience.wire if timeframe in WIRED and not urgent and cursor is not None else patience.settle
    last = timeframe.last_closed(now - wait)
    if cursor is None or last - cursor.through > patience.history * timeframe.ms:
        count = min(patience.warmup, patience.page)
        yield Page(series, last - (count - 1) * timeframe.ms, last, fresh=True)
        return
    first = (cursor.through if timeframe in WIRED else cursor.confirmed) + timeframe.ms
    if first <= last:
        yield Page(series, first, min(last, first + (patience.page - 1) * timeframe.ms))
