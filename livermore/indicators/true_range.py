"""True range and its average, which only real bars contribute to."""

import numpy as np

from livermore.indicators.bars import Bars, Floats
from livermore.indicators.moving_average import wilder


def true_range(bars: Bars) -> Floats:
    """max(H - L, |H - C before|, |L - C before|) for every bar; the first bar has only H - L."""
    spans: Floats = bars.high - bars.low
    before = bars.close[:-1]
    jumps = np.maximum(np.abs(bars.high[1:] - before), np.abs(bars.low[1:] - before))
    spans[1:] = np.maximum(spans[1:], jumps)
    return spans


def informative_atr(bars: Bars, period: int) -> Floats:
    """Wilder's average over observed bars, carried forward by filled ones; NaN until ``period`` were observed."""
    averages = wilder(true_range(bars)[bars.observed], period)
    newest_observed = np.cumsum(bars.observed) - 1
    carried: Floats = averages[newest_observed]
    return carried
