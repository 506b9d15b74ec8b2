"""A market with a history: symbols that are not traded for a while, and candles that the exchange corrects later."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

import msgspec

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import Instrument
from livermore.simulator.kline import Kline
from livermore.simulator.market import Market
from livermore.simulator.quotes import Quotes
from livermore.simulator.trade import Trade
from livermore.simulator.wire import TickerRow

MINUTE = Timeframe.M1
_AMOUNTS = ("open", "high", "low", "close", "volume")
LONG = 3 * Timeframe.H1.ms
"""A halt whose end is not known yet: not endless, for a stream of frames looks for the next trade beyond it."""


class Halt(NamedTuple):
    """From ``start`` up to, but without, ``end`` (whole minutes, ms) nothing is traded. With no start: not ever yet."""

    symbol: str
    start: int
    end: int


class Correction(NamedTuple):
    """At the moment ``at`` (ms) the exchange changes its mind about a minute that is over."""

    at: int
    candle: Candle


class EditedMarket(Market):
    """Trades are told as they happen; what is corrected later is corrected in candles only."""

    def __init__(self, seed: int, instruments: Sequence[Instrument], exchange: str) -> None:
        super().__init__(seed, instruments, exchange)
        self._exchange = exchange
        self.halts: list[Halt] = []
        self.corrections: list[Correction] = []

    def trades(self, symbol: str, start: int, end: int) -> list[Trade]:
        return [t for t in super().trades(symbol, start, end) if not self._halted(symbol, t.time // 1000)]

    def newest_trades(self, symbol: str, now: int, count: int) -> list[Trade]:
        found = super().newest_trades(symbol, self._latest(symbol, now), count)
        return [t for t in found if not self._halted(symbol, t.time // 1000)]

    def ticker(self, symbol: str, now: int) -> TickerRow | None:
        latest = self._latest(symbol, now)
        return super().ticker(symbol, latest) if latest else None

    def day(self, symbol: str, now: int) -> Kline | None:
        latest = self._latest(symbol, now)
        return super().day(symbol, latest) if latest else None

    def quotes(self, symbol: str, now: int) -> Quotes | None:
        latest = self._latest(symbol, now)
        return super().quotes(symbol, latest) if latest else None

    def candles(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> list[Candle]:
        made = [c for c in self.corrections if c.at <= now]
        found = super().candles(symbol, timeframe, first, last, now)
        return [edited for c in found if (edited := self._edited(c, now, made)) is not None]

    def klines(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> list[Kline]:
        """Of a bucket in which there was a halt all the time nothing is told, not even that nobody traded."""
        made = [c for c in self.corrections if c.at <= now]
        found = super().klines(symbol, timeframe, first, last, now)
        edited = ((k, self._edited(self._candle(k, timeframe), now, made)) for k in found)
        return [k._replace(**{name: getattr(c, name) for name in _AMOUNTS}) for k, c in edited if c is not None]

    def versions(self, candle: Candle, now: int) -> list[Candle]:
        """All that may be held of a bucket: it need not be asked about again only because a part of it was corrected.

        A bucket of 15 minutes or more is confirmed once it is over, so that what was corrected before has to be in it.
        """
        within = [c for c in self.corrections if self._touches(c, candle)]
        settled = [c for c in within if candle.timeframe.ms >= Timeframe.M15.ms and c.at < candle.close_time]
        open_ones = [c for c in within if c not in settled]
        original = super().candles(candle.symbol, candle.timeframe, candle.open_time, candle.open_time, now)[0]
        chosen = [some for n in range(len(open_ones) + 1) for some in combinations(open_ones, n)]
        found = [self._edited(original, now, [*settled, *some]) for some in chosen]
        return [version for version in found if version is not None]

    def _halted(self, symbol: str, at: int) -> bool:
        return any(halt.symbol == symbol and halt.start <= at < halt.end for halt in self.halts)

    def _latest(self, symbol: str, now: int) -> int:
        """The last moment before ``now`` up to which this symbol was traded."""
        return next((h.start for h in self.halts if h.symbol == symbol and h.start <= now < h.end), now)

    def _candle(self, k: Kline, timeframe: Timeframe) -> Candle:
        return Candle(self._exchange, k.symbol, timeframe, k.start, k.open, k.high, k.low, k.close, k.volume)

    @staticmethod
    def _touches(correction: Correction, candle: Candle) -> bool:
        c = correction.candle
        return c.symbol == candle.symbol and candle.open_time <= c.open_time < candle.close_time

    def _edited(self, candle: Candle, now: int, corrections: Iterable[Correction]) -> Candle | None:
        """A candle as it is after halts and corrections; None where nothing is left of it."""
        start, end = candle.open_time, candle.close_time
        halts = [h for h in self.halts if h.symbol == candle.symbol and h.start < end and h.end > start]
        if any(h.start <= start and end <= h.end for h in halts):
            return None
        replaced = {c.candle.open_time: c.candle for c in corrections if self._touches(c, candle)}
        if not halts and not replaced:
            return candle
        minutes = super().candles(candle.symbol, MINUTE, start, end - 1, now)
        left = [replaced.get(m.open_time, m) for m in minutes if not self._halted(m.symbol, m.open_time)]
        return _joined(candle, left) if left else None


def _joined(candle: Candle, minutes: list[Candle]) -> Candle:
    return msgspec.structs.replace(
        candle,
        open=minutes[0].open,
        high=max((m.high for m in minutes), key=Decimal),
        low=min((m.low for m in minutes), key=Decimal),
        close=minutes[-1].close,
        volume=_text(sum((Decimal(m.volume) for m in minutes), Decimal(0))),
    )


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
