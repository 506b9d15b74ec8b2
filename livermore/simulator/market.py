"""A market that is a pure function of seed, symbol and time: nothing is remembered that could not be made again."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.amounts import increment, text_of
from livermore.simulator.bars import Bar
from livermore.simulator.channels import CHANNELS
from livermore.simulator.history import History
from livermore.simulator.instruments import INSTRUMENTS, Instrument
from livermore.simulator.kline import Kline
from livermore.simulator.klines import Klines
from livermore.simulator.listing import Listing
from livermore.simulator.minutes import Minutes
from livermore.simulator.quotes import Quotes
from livermore.simulator.statistics import Statistics
from livermore.simulator.tape import Tape
from livermore.simulator.trade import Trade
from livermore.simulator.wire import Frame, TickerRow

_MINUTE = 60_000


class _Symbol:
    """One symbol's market."""

    def __init__(self, seed: int, instrument: Instrument, exchange: str) -> None:
        i, minutes = instrument, Minutes(seed, instrument)
        self.instrument, self._exchange = i, exchange
        self.listing = Listing(i.symbol, i.name, increment(i.price_digits), increment(i.size_digits))
        self.tape = Tape(seed, i, minutes)
        self.history = History(minutes, self.tape)
        self.statistics = Statistics(seed, i, minutes, self.tape, self.history)
        self.klines = Klines(i, minutes, self.tape, self.history, self.statistics)

    def candle(self, timeframe: Timeframe, place: int, bar: Bar) -> Candle:
        """A bar as a candle that opened at ``place`` (minutes since the epoch)."""
        i = self.instrument
        o, h, l, c = (text_of(price, i.price_digits) for price in bar[1:5])  # noqa: E741 - OHLC
        volume = text_of(bar.volume, i.size_digits)
        return Candle(self._exchange, i.symbol, timeframe, place * _MINUTE, o, h, l, c, volume)


_symbol = lru_cache(maxsize=64)(_Symbol)
"""What one market of a seed has worked out holds for every other."""


class Market:
    """All symbols for one seed; a `Source`. All times are ms UTC."""

    channels = frozenset(CHANNELS)

    def __init__(self, seed: int, instruments: Sequence[Instrument] = INSTRUMENTS, exchange: str = "coinbase") -> None:
        """``exchange``: what its candles say of themselves."""
        self.seed = seed
        self._symbols = {i.symbol: _symbol(seed, i, exchange) for i in instruments}
        self.listings: Sequence[Listing] = [symbol.listing for symbol in self._symbols.values()]

    def trades(self, symbol: str, start: int, end: int) -> list[Trade]:
        """The trades from ``start`` up to, but without, ``end``, ascending."""
        return self._symbols[symbol].tape.between(start, end)

    def newest_trades(self, symbol: str, now: int, count: int) -> list[Trade]:
        """The last ``count`` trades before ``now``, newest first."""
        return self._symbols[symbol].tape.newest(now, count)

    def candles(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> list[Candle]:
        """The candles with open times from ``first`` to ``last``, ascending, as they stand at ``now``."""
        market, size = self._symbols[symbol], timeframe.ms // _MINUTE
        places, bars = market.history.bars(size, -(-first // _MINUTE), last // _MINUTE, now)
        traded = bars.trades.nonzero()[0].tolist()
        return [market.candle(timeframe, int(places[index]), bars.at(index)) for index in traded]

    def klines(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> list[Kline]:
        """The same buckets, those without trades included."""
        size = timeframe.ms // _MINUTE
        return self._symbols[symbol].klines.between(size, -(-first // _MINUTE), last // _MINUTE, now)

    def day(self, symbol: str, now: int) -> Kline | None:
        """The last 24 hours; None before the first trade."""
        return self._symbols[symbol].klines.day(now)

    def quotes(self, symbol: str, now: int) -> Quotes | None:
        """The best orders at ``now``; None before the first trade."""
        return self._symbols[symbol].statistics.quotes(now)

    def ticker(self, symbol: str, now: int) -> TickerRow | None:
        """The ticker at ``now``; None before the first trade."""
        return self._symbols[symbol].statistics.ticker(now)

    def snapshot(self, channel: str, symbols: Sequence[str], now: int) -> list[Frame]:
        """What a connection is told when it subscribes at ``now``."""
        frames = (CHANNELS[channel].snapshot(self, symbol, now) for symbol in symbols)
        return [frame for frame in frames if frame is not None]

    def updates(self, channel: str, symbol: str, since: int) -> Iterator[Frame]:
        """What it is told from then on, each frame when its moment comes."""
        return CHANNELS[channel].updates(self, symbol, since)
