"""The states of many series in one table, a column each: one step takes a closed candle of each of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livermore.indicators.bars import Bars, Floats
from livermore.indicators.recursion import OPEN_TIME, flat_bar, unborn
from livermore.indicators.values import Indicator
from livermore.market.candle import Candle, Series


class Basis(NamedTuple):
    """What a state rests on: candles since this open time (ms), which had been rewritten so often when it was made."""

    since: int
    rewrites: int


class Table:
    """Columns of series that are forgotten are given to others."""

    def __init__(self, indicator: Indicator) -> None:
        self._indicator = indicator
        self._states = unborn(indicator.width, 16)
        self._free = list(range(16))
        self._columns: dict[Series, int] = {}
        self._bases: dict[Series, Basis] = {}

    def basis(self, series: Series) -> Basis | None:
        """What a series' state rests on; None where there is no state."""
        return self._bases.get(series)

    def put(self, series: Series, state: Floats, basis: Basis) -> None:
        """From now on the series goes on from this state."""
        if series not in self._columns:
            self._columns[series] = self._column()
        self._bases[series] = basis
        self._states[:, self._columns[series]] = state

    def forget(self, series: Series) -> None:
        """The series' state is of no use any more, if there is one."""
        if self._bases.pop(series, None) is not None:
            self._free.append(self._columns.pop(series))

    def step(self, candles: Sequence[Candle]) -> Floats:
        """The states of the candles' series, each another, once these are taken and the buckets before them filled."""
        columns = np.array([self._columns[c.series] for c in candles])
        steps = np.array([float(c.timeframe.ms) for c in candles])
        bar = _bar(candles)
        states = self._fill(self._states[:, columns], steps, bar)
        states = self._indicator.step(states, bar)
        self._states[:, columns] = states
        return states

    def _fill(self, states: Floats, steps: Floats, bar: Bars) -> Floats:
        empty = np.rint((bar.open_time - states[OPEN_TIME]) / steps) - 1
        for i in range(int(empty.max(initial=0))):
            due = np.flatnonzero(empty > i)
            some = states[:, due]
            states[:, due] = self._indicator.step(some, flat_bar(some, steps[due]))
        return states

    def _column(self) -> int:
        if not self._free:
            count = self._states.shape[1]
            self._states = np.append(self._states, unborn(self._indicator.width, count), axis=1)
            self._free = list(range(count, 2 * count))
        return self._free.pop()


def _bar(candles: Sequence[Candle]) -> Bars:
    """One candle of each of many series, as a bar."""
    high, low, close = (
        [float(c.high) for c in candles],
        [float(c.low) for c in candles],
        [float(c.close) for c in candles],
    )
    times = np.array([c.open_time for c in candles], np.int64)
    return Bars(times, np.array(high), np.array(low), np.array(close), np.ones(len(candles), np.bool_))
