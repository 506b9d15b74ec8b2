"""What the simulated markets really traded, made once more by the script that checks."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import made
from livermore.simulator.kline import Kline
from livermore.simulator.market import Market
from livermore.simulator.trade import Trade

Row = tuple[int, float, float, float, float, float]
"""Open time in ms, open, high, low, close, volume: what clients make of a candle."""


class Truth:
    """The markets behind both simulators."""

    def __init__(self, seed: int) -> None:
        self.coinbase = Market(seed)
        self.binance = Market(seed, made(12, "USDT"), "binance")


def closed(market: Market, symbol: str, timeframe: Timeframe, rows: Sequence[Row], now: int) -> list[Row]:
    """The candles that were over at ``now`` in the span that ``rows`` cover."""
    first, last = rows[0][0], min(rows[-1][0], timeframe.last_closed(now))
    return [row_of(candle) for candle in market.candles(symbol, timeframe, first, last, now)]


def flat(market: Market, symbol: str, timeframe: Timeframe, rows: Sequence[Row], now: int) -> list[Row]:
    """The same with those in which nobody traded."""
    first, last = rows[0][0], min(rows[-1][0], timeframe.last_closed(now))
    return [row_of(kline) for kline in market.klines(symbol, timeframe, first, last, now)]


def folded(market: Market, symbol: str, part: Timeframe, rows: Sequence[Row], step: int) -> list[Row]:
    """Candles of ``step`` ms, of the smaller ones that were traded in the span that ``rows`` cover."""
    first, end = rows[0][0], rows[-1][0] + step
    found = market.candles(symbol, part, first, end - 1, end)
    return [_folded(start * step, list(parts)) for start, parts in groupby(found, lambda c: c.open_time // step)]


def _folded(start: int, parts: Sequence[Candle]) -> Row:
    high, low = max(float(p.high) for p in parts), min(float(p.low) for p in parts)
    volume = float(sum(Decimal(p.volume) for p in parts))
    return (start, float(parts[0].open), high, low, float(parts[-1].close), volume)


def row_of(c: Candle | Kline) -> Row:
    """Floats of decimal texts are equal where the texts are equal amounts."""
    start = c.start if isinstance(c, Kline) else c.open_time
    return (start, float(c.open), float(c.high), float(c.low), float(c.close), float(c.volume))


def trades_of(market: Market, symbol: str, first: int, last: int, now: int) -> list[Trade]:
    """The trades from one number to another, both included, of the last ten minutes before ``now`` (ms UTC)."""
    return [t for t in market.trades(symbol, now - 600_000, now) if first <= t.number <= last]
