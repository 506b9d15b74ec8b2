"""Bars: a series of candles as numpy arrays, its empty minutes filled with flat bars that were never traded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livermore.market.candle import Candle

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bars:
    """Ascending bars. All arrays have one shape, (bars,); ``open_time`` in ms; ``observed`` is False for fills."""

    open_time: NDArray[np.int64]
    high: Floats
    low: Floats
    close: Floats
    observed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.open_time)


def filled(candles: Sequence[Candle]) -> Bars:
    """Bars without holes from candles that ascend, all of one series; a hole repeats the close before it."""
    if not candles:
        none = np.empty(0)
        return Bars(np.empty(0, np.int64), none, none, none, np.empty(0, np.bool_))
    times = np.array([c.open_time for c in candles], np.int64)
    high, low = np.array([c.high for c in candles], np.float64), np.array([c.low for c in candles], np.float64)
    close = np.array([float(c.close) for c in candles])
    return spread(times, high, low, close, candles[0].timeframe.ms)


def spread(times: NDArray[np.int64], high: Floats, low: Floats, close: Floats, step: int) -> Bars:
    """As `filled`, from open times (ms) and prices of at least one bucket; ``step``: its length in ms."""
    places = (times - times[0]) // step
    grid = np.arange(places[-1] + 1)
    source = np.searchsorted(places, grid, side="right") - 1
    observed = places[source] == grid
    closes = close[source]
    highs, lows = np.where(observed, high[source], closes), np.where(observed, low[source], closes)
    return Bars(times[0] + grid * step, highs, lows, closes, observed)
