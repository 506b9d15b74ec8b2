"""Folding trades into one-minute candles that are closed only when they are whole.

A bucket is whole when nothing in it can be missing: it was watched from its first moment, and the trade numbers are
contiguous. What the fold cannot vouch for it reports as a hole, and REST supplies the bucket.
"""

import math
from collections.abc import Iterable, Set
from dataclasses import dataclass
from decimal import Decimal

from livermore.market.amount import text_of, total
from livermore.market.candle import Candle
from livermore.market.gap import Cause
from livermore.market.timeframe import Timeframe
from livermore.market.trade import Trade

BUCKET = Timeframe.M1


@dataclass(frozen=True)
class Bucket:
    """The end of one minute: a candle, a minute known to be empty (``whole`` without a candle), or a hole.

    ``cause``: why it is one; ``traded``: whether trades of it have been seen.
    """

    open_time: int
    candle: Candle | None = None
    cause: Cause | None = None
    traded: bool = False

    @property
    def whole(self) -> bool:
        return self.cause is None


@dataclass(frozen=True)
class Doubts:
    """Open times of buckets that were closed already, and that REST has to confirm.

    ``late``: their trades came in too late; ``missing``: trades of theirs were not told in their time, or may not have
    been, for this ``cause``: the wire had fallen silent before it was known to be.
    """

    late: Set[int] = frozenset()
    missing: Set[int] = frozenset()
    cause: Cause = Cause.SEQUENCE_GAP


class Partial:
    """A candle in the making."""

    def __init__(self, trade: Trade) -> None:
        self.open = self.high = self.low = self.close = Decimal(trade.price)
        self.volume = Decimal(0)

    def add(self, trade: Trade) -> None:
        price = Decimal(trade.price)
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price
        self.volume = total((self.volume, Decimal(trade.size)))

    def candle(self, exchange: str, symbol: str, open_time: int) -> Candle:
        o, h, l, c, v = map(text_of, (self.open, self.high, self.low, self.close, self.volume))  # noqa: E741 - OHLCV
        return Candle(exchange, symbol, BUCKET, open_time, o, h, l, c, v)


class TradeFold:
    """The fold of one symbol. Times are the exchange's own, ms UTC."""

    def __init__(self, exchange: str, symbol: str) -> None:
        self.exchange, self.symbol = exchange, symbol
        self.partials: dict[int, Partial] = {}
        self._newest: int | None = None  # number of the newest trade
        self._latest = 0  # the latest time of any trade
        self._covered = -math.inf  # nothing is missing since this moment ...
        self._unsure: float | None = math.inf  # ... unless from before this one; infinite while not listening
        self._cause = Cause.NOT_RUNNING  # why we were not
        self._next: int | None = None  # open time of the next bucket to close
        self._first = 0  # and of the first that was to be closed at all

    def interrupted(self, cause: Cause) -> None:
        """Frames may have been lost: the connection broke, or its sequence has a hole."""
        if self._unsure != math.inf or self._next is None:
            self._cause = cause
        self._unsure = math.inf

    def listening(self, since: int) -> None:
        """From this moment on nothing is lost again (a subscription is acknowledged, the sequence goes on)."""
        if self._unsure is not None:
            self._unsure = min(self._unsure, since)
        if self._next is None:
            self._first = self._next = BUCKET.floor(since)
            self.partials = {at: partial for at, partial in self.partials.items() if at >= self._next}

    def add(self, trades: Iterable[Trade], *, snapshot: bool = False) -> Doubts:
        """Fold trades, in any order; repeated ones are ignored.

        ``snapshot``: these are the newest trades there are, so that finding our newest among them, as the last one,
        proves that nothing was lost.
        """
        late, missing = set[int](), set[int]()
        cause = Cause.SEQUENCE_GAP if self._unsure is None else self._cause
        ascending = sorted(trades, key=lambda t: t.number)
        if snapshot and ascending and ascending[-1].number == self._newest:
            self._unsure = None
        for trade in ascending:
            if self._is_new(trade):
                missing |= self._join(trade)
                (missing if snapshot else late).update(self._fold(trade))
        return Doubts(late, missing, cause) if missing else Doubts(late)

    def _is_new(self, trade: Trade) -> bool:
        """A number that was passed, at a time that was not, is no repetition: the exchange counts anew."""
        return self._newest is None or trade.number > self._newest or trade.time > self._latest

    def _join(self, trade: Trade) -> set[int]:
        silent: set[int] = set()
        if trade.number - 1 != self._newest:
            self._covered = trade.time + 1
            silent = self._closed_since_latest() if self._newest is not None else silent
        self._unsure = None
        self._newest, self._latest = trade.number, max(trade.time, self._latest)
        return silent

    def _closed_since_latest(self) -> set[int]:
        """The buckets that were closed after the latest trade: what is missing now may belong to any of them.

        Also where a loss was told of: an exchange may have fallen silent long before it hung up.
        """
        since = max(BUCKET.floor(self._latest), self._first)
        return set() if self._next is None else set(range(since, self._next, BUCKET.ms))

    def _fold(self, trade: Trade) -> set[int]:
        open_time = BUCKET.floor(trade.time)
        if self._next is not None and open_time < self._next:
            return {open_time} if open_time >= self._first else set()
        self.partials.setdefault(open_time, Partial(trade)).add(trade)
        return set()

    def close(self, now: int) -> list[Bucket]:
        """Close every bucket that is over at ``now``, oldest first."""
        closed = []
        while self._next is not None and self._next + BUCKET.ms <= now:
            closed.append(self._close(self._next))
            self._next += BUCKET.ms
        return closed

    def _close(self, open_time: int) -> Bucket:
        partial = self.partials.pop(open_time, None)
        unsure = -math.inf if self._unsure is None else self._unsure
        if self._newest is None or max(self._covered, unsure) > open_time:
            return Bucket(open_time, cause=self._cause, traded=partial is not None)
        candle = partial.candle(self.exchange, self.symbol, open_time) if partial is not None else None
        return Bucket(open_time, candle)

    def forming(self) -> Candle | None:
        """The newest unfinished candle, for people to look at; never stored."""
        newest = max(self.partials, default=None)
        return None if newest is None else self.partials[newest].candle(self.exchange, self.symbol, newest)
