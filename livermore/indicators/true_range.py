"""True range and its average, which only real bars contribute to."""

import numpy as np

from livermore.indicators.bars import Bars, Floats
from livermore.indicators.moving_average import Average, wilders


def reach(high: Floats, low: Floats, before: Floats) -> Floats:
    """max(H - L, |H - C before|, |L - C before|)."""
    jumps: Floats = np.maximum(np.abs(high - before), np.abs(low - before))
    return np.maximum(high - low, jumps)


def true_range(bars: Bars) -> Floats:
    """The reach of every bar; the first bar has only H - L."""
    spans: Floats = bars.high - bars.low
    spans[1:] = reach(bars.high[1:], bars.low[1:], bars.close[:-1])
    return spans


def held_range(average: Average, bars: Bars) -> Floats:
    """What an average of observed bars' ranges holds after every bar: filled ones carry it forward."""
    held = np.append(0.0, average.held(true_range(bars)[bars.observed]))
    carried: Floats = held[np.cumsum(bars.observed)]
    return carried


def informative_atr(bars: Bars, period: int) -> Floats:
    """Wilder's average over observed bars, carried forward by filled ones; NaN until ``period`` were observed."""
    average = wilders(period)
    return average.shown(held_range(average, bars), np.cumsum(bars.observed, dtype=np.float64))
