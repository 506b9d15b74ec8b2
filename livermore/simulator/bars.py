"""Candles as whole ticks and lots, one by one and as arrays, and their exact roll-up."""

from typing import NamedTuple

import numpy as np

from livermore.simulator.noise import Ints

_HIGHEST = np.iinfo(np.int64).max


class Bar(NamedTuple):
    """One candle. Prices are ticks, volumes lots; without trades the prices mean nothing."""

    trades: int
    open: int
    high: int
    low: int
    close: int
    volume: int

    def then(self, later: "Bar") -> "Bar":
        """This bar and a later one as one."""
        if not self.trades or not later.trades:
            return self if self.trades else later
        high, low = max(self.high, later.high), min(self.low, later.low)
        return Bar(self.trades + later.trades, self.open, high, low, later.close, self.volume + later.volume)


NOTHING = Bar(0, 0, 0, 0, 0, 0)


class Bars(NamedTuple):
    """Equally long arrays, one for each field of a bar."""

    trades: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints

    def at(self, index: int) -> Bar:
        """The bar at ``index``."""
        return Bar(*(int(array[index]) for array in self))

    def sliced(self, first: int, last: int) -> "Bars":
        """The bars from index ``first`` up to, but without, ``last``."""
        return Bars(*(array[first:last] for array in self))

    def followed_by(self, *others: "Bars") -> "Bars":
        """These bars and then others."""
        return Bars(*map(np.concatenate, zip(self, *others, strict=True)))

    def and_then(self, bar: Bar) -> "Bars":
        """These bars and one more."""
        return Bars(*map(np.append, self, bar))

    def rolled_up(self, size: int) -> "Bars":
        """Every ``size`` neighbours as one bar; their number is a multiple of ``size``."""
        trades, open_, high, low, close, volume = (array.reshape(-1, size) for array in self)
        traded, rows = trades > 0, np.arange(len(trades))
        first, last = traded.argmax(axis=1), size - 1 - traded[:, ::-1].argmax(axis=1)
        return Bars(
            trades=trades.sum(axis=1),
            open=open_[rows, first],
            high=np.where(traded, high, 0).max(axis=1),
            low=np.where(traded, low, _HIGHEST).min(axis=1),
            close=close[rows, last],
            volume=np.where(traded, volume, 0).sum(axis=1),
        )

    def total(self) -> Bar:
        """All bars as one, which has no trades if they have none."""
        count = len(self.trades)
        return self.rolled_up(count).at(0) if count else NOTHING


NO_BARS = Bars(*(np.empty(0, np.int64) for _ in Bar._fields))
