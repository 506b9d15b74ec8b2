"""Moving averages: exponential and Wilder's, both seeded with the simple mean of their first values.

Over a series bar by bar, or one more bar of many series at once: the same operations on the same numbers in the same
order, so that both come to the same bits.
"""

from itertools import accumulate

import numpy as np

from livermore.indicators.bars import Floats


class Average:
    """What it holds after n values is their sum while n is below ``period``, from then on the average."""

    def __init__(self, period: int, alpha: float) -> None:
        """``alpha``: the weight of the newest value."""
        self.period, self.alpha = period, alpha

    def held(self, values: Floats) -> Floats:
        """What it holds after each value of a series."""
        listed = values.tolist()
        held = list(accumulate(listed[: self.period], initial=0.0))[1:]
        if len(held) == self.period:
            held[-1] /= self.period
            average = held[-1]
            for value in listed[self.period :]:
                average += self.alpha * (value - average)
                held.append(average)
        return np.array(held, np.float64)

    def step(self, held: Floats, count: Floats, value: Floats) -> Floats:
        """What it holds after one more value of each series, the ``count``-th; 0 is held before the first."""
        average = held + self.alpha * (value - held)
        if count.min(initial=np.inf) > self.period:
            return average
        total = held + value
        return np.where(count > self.period, average, np.where(count == self.period, total / self.period, total))

    def shown(self, held: Floats, count: Floats) -> Floats:
        """The average after so many values: NaN where they are too few."""
        if count.min(initial=np.inf) >= self.period:
            return held
        return np.where(count >= self.period, held, np.nan)

    def over(self, values: Floats) -> Floats:
        """The average over a series."""
        return self.shown(self.held(values), np.arange(1.0, len(values) + 1))


def exponential(period: int) -> Average:
    """The one with alpha 2 / (period + 1)."""
    return Average(period, 2 / (period + 1))


def wilders(period: int) -> Average:
    """The one with alpha 1 / period: (previous * (period - 1) + value) / period."""
    return Average(period, 1 / period)


def ema(values: Floats, period: int) -> Floats:
    """Exponential moving average over a series; NaN before index ``period - 1``, where the mean stands."""
    return exponential(period).over(values)


def wilder(values: Floats, period: int) -> Floats:
    """Wilder's average over a series."""
    return wilders(period).over(values)


class SignalLine:
    """The exponential average of an indicator's values from the first defined one; a hole after it counts as 0."""

    def __init__(self, period: int) -> None:
        self._average = exponential(period)

    def held(self, values: Floats) -> tuple[Floats, Floats]:
        """How many values count after each of a series, and what the average holds."""
        counts, held = np.zeros(len(values)), np.zeros(len(values))
        defined = np.flatnonzero(~np.isnan(values))
        if len(defined):
            begin = int(defined[0])
            counts[begin:] = np.arange(1.0, len(values) - begin + 1)
            held[begin:] = self._average.held(np.nan_to_num(values[begin:]))
        return counts, held

    def step(self, count: Floats, held: Floats, value: Floats) -> tuple[Floats, Floats]:
        """Both after one more value of each series."""
        counts = count + 1
        if count.min(initial=np.inf) == 0:
            counts = np.where((count > 0) | ~np.isnan(value), counts, 0.0)
        return counts, np.where(counts > 0, self._average.step(held, counts, np.nan_to_num(value)), 0.0)

    def shown(self, count: Floats, held: Floats) -> Floats:
        """The line: NaN where it is not defined yet."""
        return self._average.shown(held, count)
