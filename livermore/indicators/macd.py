"""MACD: the distance of two exponential averages, EMA12 - EMA26, in units of the price, with its signal line."""

from typing import Any

import numpy as np
from pydantic import Field

from livermore.indicators.bars import Bars, Floats
from livermore.indicators.moving_average import SignalLine, exponential
from livermore.indicators.record import activity, lines, numbers
from livermore.indicators.recursion import BARS, OPEN_TIME, PAST, later, past
from livermore.indicators.validity import residual, validity
from livermore.indicators.values import Values
from livermore.settings import Options as BaseOptions

PARTS = ("fastEMA", "slowEMA")
TOLD = ("macd", "signal", "histogram", *PARTS)


class Options(BaseOptions):
    """Periods in bars."""

    fast: int = Field(12, ge=2, le=200)
    slow: int = Field(26, ge=3, le=400)
    signal: int = Field(9, ge=2, le=200)


class Macd:
    """The indicator. A state holds both averages, how many values the signal line has had, and the line."""

    kind = "macd"
    told = False
    width = PAST + 4

    def __init__(self, options: Options | None = None) -> None:
        self.options = o = options or Options()
        self.recipe = f"{self.kind} {o.fast}/{o.slow}/{o.signal}"
        self._fast, self._slow, self._line = exponential(o.fast), exponential(o.slow), SignalLine(o.signal)
        self._periods = {"fastPeriod": o.fast, "slowPeriod": o.slow, "signalPeriod": o.signal}

    def compute(self, bars: Bars) -> Values:
        """All values of a series; it has at least one bar."""
        return Values(self, bars)

    def states(self, bars: Bars) -> Floats:
        """See `Indicator`."""
        seen = past(bars)
        with np.errstate(all="ignore"):
            parts = self._fast.held(bars.close), self._slow.held(bars.close)
            return np.array([*seen, *parts, *self._line.held(self._value(seen, *parts))])

    def step(self, states: Floats, bar: Bars) -> Floats:
        """See `Indicator`."""
        fast, slow, count, line = states[PAST:]
        seen = later(states, bar)
        with np.errstate(all="ignore"):
            parts = self._fast.step(fast, seen[BARS], bar.close), self._slow.step(slow, seen[BARS], bar.close)
            return np.array([*seen, *parts, *self._line.step(count, line, self._value(seen, *parts))])

    def lines(self, states: Floats) -> tuple[Floats, Floats]:
        """See `Indicator`."""
        fast, slow, count, line = states[PAST:]
        with np.errstate(all="ignore"):
            return self._value(states, fast, slow), self._line.shown(count, line)

    def parts(self, states: Floats) -> dict[str, Floats]:
        """What a value is made of, by the names of a record; NaN where it is not defined."""
        return dict(zip(PARTS, self._shown(states, *states[PAST : PAST + 2]), strict=True))

    def records(self, states: Floats) -> list[dict[str, Any]]:
        """See `Indicator`."""
        bounds = residual([(self._fast, states[BARS]), (self._slow, states[BARS])])
        value, line = self.lines(states)
        told = zip(*lines(value, line), *map(numbers, self.parts(states).values()), strict=True)
        columns = states[:PAST].T.tolist(), (~np.isnan(value - line)).tolist(), bounds.tolist(), told
        return [self._record(*row) for row in zip(*columns, strict=True)]

    def _value(self, seen: Floats, fast: Floats, slow: Floats) -> Floats:
        fast, slow = self._shown(seen, fast, slow)
        value = fast - slow
        return np.where(np.isfinite(value), value, np.nan)

    def _shown(self, seen: Floats, fast: Floats, slow: Floats) -> tuple[Floats, Floats]:
        return self._fast.shown(fast, seen[BARS]), self._slow.shown(slow, seen[BARS])

    def _record(self, seen: list[float], defined: bool, bound: float, told: tuple[Any, ...]) -> dict[str, Any]:  # noqa: FBT001 - a column
        return {
            "timestamp": int(seen[OPEN_TIME]),
            "type": self.kind,
            "value": dict(zip(TOLD, told, strict=True)),
            "params": {**self._periods, **activity(seen), "seeded": told[0] is not None},
            "validity": validity(seen, bound, defined=defined),
        }
