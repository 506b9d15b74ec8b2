"""What has to be asked of the exchange's REST service, and nothing more.

Warm-up, boundary confirmation, reconnect repair and restart repair are all this one question: how far is each series
known, what is in doubt, and what time is it?
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

from livermore.market.candle import Series
from livermore.market.cursor import Cursor
from livermore.market.gap import Gap
from livermore.market.timeframe import Timeframe

WIRED = frozenset({Timeframe.M1, Timeframe.M5})
"""Timeframes that the wire alone may settle. The larger ones are confirmed by REST at every boundary."""


class Need(IntEnum):
    """Why a page is asked for; the lower, the sooner."""

    NEWS = 0
    """Nobody knows the newest candles."""
    DOUBT = 1
    """What is known may be wrong."""
    CONFIRMATION = 2
    """The wire has told it; REST has the last word."""
    HISTORY = 3
    """A series begins, or is too short."""


@dataclass(frozen=True)
class Page:
    """A request for the candles of a series with open times (ms) ``first`` to ``last``, both included.

    ``fresh`` pages start a series anew; ``doubt``: the gap that is asked about, if that is the need.
    """

    series: Series
    first: int
    last: int
    need: Need = Need.NEWS
    fresh: bool = False
    doubt: Gap | None = None

    @property
    def buckets(self) -> int:
        return (self.last - self.first) // self.series.timeframe.ms + 1

    def holds(self, gap: Gap) -> bool:
        """Whether the answer speaks of a whole gap of this series."""
        return self.first <= gap.first and gap.last <= self.last

    @property
    def is_history(self) -> bool:
        """History is no news: it is not told candle by candle."""
        return self.need == Need.HISTORY


@dataclass(frozen=True)
class Patience:
    """How long to wait (ms of market time) before asking, and how much at once (buckets).

    ``warmup``: how many buckets a series begins with; ``observed``: how many candles it needs, if there are as many
    within ``history``.
    """

    settle: int = 3_000
    wire: int = 15_000
    page: int = 350
    warmup: int = 350
    observed: int = 250
    history: int = 1_000


@dataclass(frozen=True)
class State:
    """All that is known of one series. ``observed``: how many candles of it are stored, None where nobody counted.

    ``missed``: the wire has said that it cannot vouch for buckets up to this open time (ms), so that it need not be
    waited for.
    """

    cursor: Cursor | None = None
    doubts: Collection[Gap] = ()
    observed: int | None = None
    missed: int = 0


def due(states: Mapping[Series, State], now: int, patience: Patience) -> list[Page]:
    """The pages that are to be asked for, the most needed first.

    ``states``: of every series that is watched, the most used first; ``now``: the exchange's time, ms.
    """
    pages = (page for series, state in states.items() for page in _pages(series, state, now, patience))
    return sorted(pages, key=lambda page: (page.need, page.series.timeframe.ms))


def _pages(series: Series, state: State, now: int, patience: Patience) -> Iterator[Page]:
    timeframe, cursor = series.timeframe, state.cursor
    newest = timeframe.last_closed(now - patience.settle)
    if cursor is None or newest - cursor.through > patience.history * timeframe.ms:
        count = min(patience.warmup, patience.page)
        yield Page(series, newest - (count - 1) * timeframe.ms, newest, Need.HISTORY, fresh=True)
        return
    yield from _doubtful(state.doubts, cursor, newest)
    yield from _following(series, state, cursor, now, patience)
    if state.observed is not None and state.observed < patience.observed:
        yield from _older(series, cursor, newest, patience)


def _doubtful(doubts: Collection[Gap], cursor: Cursor, newest: int) -> Iterator[Page]:
    """What is beyond the cursor is asked for anyway."""
    for gap in doubts:
        if gap.last <= min(cursor.through, newest):
            yield Page(gap.series, gap.first, gap.last, Need.DOUBT, doubt=gap)


def _following(series: Series, state: State, cursor: Cursor, now: int, patience: Patience) -> Iterator[Page]:
    timeframe = series.timeframe
    wired = timeframe in WIRED
    wait = patience.wire if wired and state.missed <= cursor.through else patience.settle
    first = (cursor.through if wired else cursor.confirmed) + timeframe.ms
    last = timeframe.last_closed(now - wait)
    if first <= last:
        need = Need.NEWS if last > cursor.through else Need.CONFIRMATION
        yield Page(series, first, min(last, first + (patience.page - 1) * timeframe.ms), need)


def reaching_back(page: Page, cursor: Cursor, traded: int, patience: Patience) -> Page:
    """The page, begun in the last bucket before it in which something is known to have been traded (open time, ms).

    Where REST is asked anyway, the same request does: what the wire told after that bucket, and at its end, was
    silence, and an exchange may have fallen silent before the wire was lost.
    """
    step = page.series.timeframe.ms
    oldest = page.last - (patience.page - 1) * step
    return replace(page, first=min(page.first, max(traded, cursor.since, oldest)))


def _older(series: Series, cursor: Cursor, newest: int, patience: Patience) -> Iterator[Page]:
    """One page more before what is known, for a series of which so little is traded that a page held too few."""
    step = series.timeframe.ms
    oldest = newest - (patience.history - 1) * step
    last = cursor.since - step
    if oldest <= last:
        yield Page(series, max(oldest, last - (patience.page - 1) * step), last, Need.HISTORY)
