"""MACD-V as an object for each series: what a program without arrays would do, and what the engine is held against."""

import math

SCALE, VANISHING = 100, 1e-10


class Average:
    """An exponential average that begins with the mean of its first values; NaN before."""

    __slots__ = ("alpha", "count", "held", "period")

    def __init__(self, period: int, alpha: float) -> None:
        self.period, self.alpha, self.count, self.held = period, alpha, 0, 0.0

    def add(self, value: float) -> float:
        """The average with one more value."""
        self.count += 1
        if self.count > self.period:
            self.held += self.alpha * (value - self.held)
            return self.held
        self.held += value
        if self.count < self.period:
            return math.nan
        self.held /= self.period
        return self.held


class PlainMacdv:
    """One series."""

    __slots__ = ("atr", "close", "fast", "line", "slow")

    def __init__(self) -> None:
        self.fast, self.slow, self.line = Average(12, 2 / 13), Average(26, 2 / 27), Average(9, 2 / 10)
        self.atr = Average(26, 1 / 26)
        self.close: float | None = None

    def add(self, high: float, low: float, close: float) -> tuple[float, float]:
        """Value and signal line after one more bar."""
        before, self.close = self.close, close
        span = high - low if before is None else max(high - low, abs(high - before), abs(low - before))
        atr, distance = self.atr.add(span), self.fast.add(close) - self.slow.add(close)
        value = distance / atr * SCALE if atr > VANISHING * close else math.nan
        if math.isnan(value):
            return value, self.line.add(0.0) if self.line.count else math.nan
        return value, self.line.add(value)
