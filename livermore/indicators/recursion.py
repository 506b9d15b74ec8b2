"""States of a recursion: all that an indicator has to know of a series' past to go on with its next bar.

A table of states has a row for each number and a column for each bar of a series, or for each of many series: what is
computed over a history and what is stepped to bar by bar are the same columns, bit for bit.
"""

import numpy as np

from livermore.indicators.bars import Bars, Floats

OPEN_TIME, CLOSE, BARS, OBSERVED, SPAN, FLAT = range(6)
"""The first rows of every table: the newest bar's open time (ms) and close; how many bars there were, how many of them
were traded, how many until the last of those, and how many had no range.
"""
PAST = 6


def past(bars: Bars) -> Floats:
    """The first rows after each bar of a series."""
    numbers = np.arange(1.0, len(bars) + 1)
    last = np.maximum.accumulate(np.where(bars.observed, numbers, 0.0)) if len(bars) else numbers
    flat = np.cumsum(bars.high == bars.low)
    return np.array([bars.open_time, bars.close, numbers, np.cumsum(bars.observed), last, flat], np.float64)


def later(states: Floats, bar: Bars) -> Floats:
    """The first rows after one more bar of each series."""
    count = states[BARS] + 1
    last = np.where(bar.observed, count, states[SPAN])
    seen, flat = states[OBSERVED] + bar.observed, states[FLAT] + (bar.high == bar.low)
    return np.array([bar.open_time, bar.close, count, seen, last, flat])


def unborn(width: int, count: int) -> Floats:
    """The states of so many series that have no bar yet."""
    return np.zeros((width, count))


def flat_bar(states: Floats, step: Floats) -> Bars:
    """The bar that fills the bucket after the newest, in which nothing was traded. ``step``: its length in ms."""
    close = states[CLOSE]
    times = (states[OPEN_TIME] + step).astype(np.int64)
    return Bars(times, close, close, close, np.zeros(len(close), np.bool_))
