"""Moving averages: exponential and Wilder's, both seeded with the simple mean of their first values."""

import numpy as np

from livermore.indicators.bars import Floats


def ema(values: Floats, period: int) -> Floats:
    """Exponential moving average, alpha 2 / (period + 1); NaN before index ``period - 1``, where the mean stands."""
    return _recursive(values, period, 2 / (period + 1))


def wilder(values: Floats, period: int) -> Floats:
    """Wilder's average, alpha 1 / period: (previous * (period - 1) + value) / period."""
    return _recursive(values, period, 1 / period)


def _recursive(values: Floats, period: int, alpha: float) -> Floats:
    result = np.full(len(values), np.nan)
    if len(values) < period:
        return result
    average = float(np.mean(values[:period]))
    averages = [average]
    for value in values[period:].tolist():
        average += alpha * (value - average)
        averages.append(average)
    result[period - 1 :] = averages
    return result
