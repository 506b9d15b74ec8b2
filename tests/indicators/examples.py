"""The series of `reference.md`'s Appendix A, and bars made of numbers."""

from collections.abc import Collection, Iterable
from math import sin

import numpy as np

from livermore.indicators.bars import Bars
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe

STEP = Timeframe.M1.ms


def wave(n: int, without: Collection[int] = ()) -> list[Candle]:
    """Appendix A's candles, those ``without`` left out."""
    closes = [100 + 10 * sin(i / 9) + 0.05 * i for i in range(n)]
    candles = []
    for i, close in enumerate(closes):
        before = closes[i - 1] if i else 100.0
        high = max(before, close) + 0.5 + 0.01 * (i % 7)
        low = min(before, close) - 0.4 - 0.01 * (i % 5)
        o, h, l, c = map(repr, (before, high, low, close))  # noqa: E741 - OHLC
        if i not in without:
            candles.append(Candle("coinbase", "WAVE-USD", Timeframe.M1, i * STEP, o, h, l, c, "1"))
    return candles


def bars(closes: Iterable[float], *, span: float = 1.0, observed: Collection[int] | None = None) -> Bars:
    """Bars that reach ``span`` around their closes."""
    close = np.array(list(closes), np.float64)
    places = np.arange(len(close))
    seen = np.isin(places, list(observed)) if observed is not None else np.ones(len(close), np.bool_)
    reach = np.where(seen, span / 2, 0.0)
    return Bars(places * STEP, close + reach, close - reach, close, seen)


def first(some: Bars, count: int) -> Bars:
    """The first bars of a series."""
    return Bars(
        some.open_time[:count], some.high[:count], some.low[:count], some.close[:count], some.observed[:count]
    )  # fmt: skip


def rest(some: Bars, start: int) -> Bars:
    """A series without its first bars."""
    return Bars(some.open_time[start:], some.high[start:], some.low[start:], some.close[start:], some.observed[start:])


def stretches(some: Bars) -> list[Bars]:
    """The parts of a series in which every bar was traded."""
    borders = np.flatnonzero(np.diff(some.observed.astype(np.int8))) + 1
    parts = np.split(np.arange(len(some)), borders)
    return [first(rest(some, int(part[0])), len(part)) for part in parts if some.observed[part[0]]]
