"""One series of candles that the exchange itself closes: which buckets are settled, and how."""

from itertools import pairwise

from livermore.exchanges.frame import Kline
from livermore.market.candle import Series
from livermore.market.gap import Cause, Gap

REMEMBERED = 16
"""How many of the newest closings are told from repetitions; what is older than all of them has passed."""


class Coverage:
    """Since when (ms) a symbol's frames are listened to without a break, and why they were not before."""

    def __init__(self) -> None:
        self.cause = Cause.NOT_RUNNING
        self.since: int | None = None  # as long as nothing has been heard

    def broken(self, cause: Cause) -> None:
        """A break before anything was heard again is part of the one before."""
        if self.since is not None:
            self.cause, self.since = cause, None

    def resumed(self, at: int) -> None:
        self.since = at if self.since is None else self.since


class KlineSeries:
    """Every bucket is settled once, in order: it is closed, or given up. One that was given up may still be closed."""

    def __init__(self, series: Series, coverage: Coverage) -> None:
        self.series = series
        self._coverage = coverage
        self._next: int | None = None  # open time of the next bucket to be settled
        self._traded: set[int] = set()  # of those that are not: the ones with trades
        self._closed: list[int] = []  # the newest that were closed, ascending

    def begin(self, at: int) -> None:
        """The bucket in progress at this moment (ms) is the first: its closing will be that of the whole bucket."""
        self._next = self.series.timeframe.floor(at) if self._next is None else self._next

    def is_open(self, open_time: int) -> bool:
        return self._next is not None and open_time >= self._next

    def see(self, kline: Kline) -> None:
        """A bucket that is in progress."""
        if kline.candle is not None and self.is_open(kline.open_time):
            self._traded.add(kline.open_time)

    def close(self, open_time: int) -> bool:
        """Whether this closing is news. Those before, if any are open, are to be given up first."""
        passed = len(self._closed) == REMEMBERED and open_time < self._closed[0]
        if passed or open_time in self._closed:
            return False
        self._closed = sorted([*self._closed, open_time])[-REMEMBERED:]
        if self.is_open(open_time):
            self._settle(open_time + self.series.timeframe.ms)
        return True

    def give_up(self, until: int, grace: int) -> list[Gap]:
        """The buckets that should have been closed by now: all that end by this moment (ms), in the fewest gaps.

        ``grace``: how long (ms) a closing may take, so that one that was lost in a break may belong to a bucket that
        ended just after it; and how long subscriptions may.
        """
        timeframe = self.series.timeframe
        first, end = self._next, timeframe.floor(until)
        if first is None or end <= first:
            return []
        since = self._coverage.since
        covered = end if since is None else min(end, timeframe.floor(since + grace))
        gaps = [self._gap(a, b, covered) for a, b in pairwise(self._cuts(first, covered, end))]
        self._settle(end)
        return gaps

    def _cuts(self, first: int, covered: int, end: int) -> list[int]:
        """Where one gap ends and the next one begins."""
        step = self.series.timeframe.ms
        traded = {edge for at in self._traded for edge in (at, at + step)}
        return sorted({first, end} | {edge for edge in traded | {covered} if first < edge < end})

    def _gap(self, first: int, after: int, covered: int) -> Gap:
        cause = self._coverage.cause if first < covered else Cause.UNCLOSED
        return Gap(self.series, first, after - self.series.timeframe.ms, cause, first in self._traded)

    def _settle(self, upcoming: int) -> None:
        self._next = upcoming
        self._traded = {at for at in self._traded if at >= upcoming}
