"""MACD-V: momentum in units of volatility, (EMA12 - EMA26) / ATR26 * 100, with its signal line and stage.

Rules, stages and golden vectors: `reference.md` 7 and Appendix A.
"""

from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from livermore.indicators.bars import Bars, Floats
from livermore.indicators.moving_average import SignalLine, exponential, wilders
from livermore.indicators.record import activity, lines, numbers
from livermore.indicators.recursion import BARS, CLOSE, OBSERVED, OPEN_TIME, PAST, later, past
from livermore.indicators.true_range import held_range, reach
from livermore.indicators.validity import residual, validity
from livermore.indicators.values import Values
from livermore.market.analysis import stage
from livermore.settings import Options as BaseOptions

SCALE = 100
VANISHING = 1e-10
"""A range that is a smaller share of the price is none: what divides by it would be the averages' rounding."""
PARTS = ("fastEMA", "slowEMA", "atr")
TOLD = ("macdV", "signal", "histogram", *PARTS)


class Options(BaseOptions):
    """Periods in bars."""

    fast: int = Field(12, ge=2, le=200)
    slow: int = Field(26, ge=3, le=400)
    atr: int = Field(26, ge=2, le=400)
    signal: int = Field(9, ge=2, le=200)


class Macdv:
    """The indicator. A state holds both averages, the range, how many values the signal line has had, and the line."""

    kind = "macd-v"
    told = True
    width = PAST + 5

    def __init__(self, options: Options | None = None) -> None:
        self.options = o = options or Options()
        self.recipe = f"{self.kind} {o.fast}/{o.slow}/{o.atr}/{o.signal}"
        self._fast, self._slow, self._atr = exponential(o.fast), exponential(o.slow), wilders(o.atr)
        self._line = SignalLine(o.signal)
        self._periods = {"fastPeriod": o.fast, "slowPeriod": o.slow, "atrPeriod": o.atr, "signalPeriod": o.signal}

    def compute(self, bars: Bars) -> Values:
        """All values of a series; it has at least one bar."""
        return Values(self, bars)

    def states(self, bars: Bars) -> Floats:
        """See `Indicator`."""
        seen = past(bars)
        with np.errstate(all="ignore"):
            parts = self._fast.held(bars.close), self._slow.held(bars.close), held_range(self._atr, bars)
            return np.array([*seen, *parts, *self._line.held(self._value(seen, *parts))])

    def step(self, states: Floats, bar: Bars) -> Floats:
        """See `Indicator`."""
        fast, slow, atr, count, line = states[PAST:]
        seen = later(states, bar)
        with np.errstate(all="ignore"):
            span = _where(states[BARS] > 0, reach(bar.high, bar.low, states[CLOSE]), bar.high - bar.low)
            ranged = self._atr.step(atr, seen[OBSERVED], span)
            parts = (
                self._fast.step(fast, seen[BARS], bar.close),
                self._slow.step(slow, seen[BARS], bar.close),
                _where(bar.observed, ranged, atr),
            )
            return np.array([*seen, *parts, *self._line.step(count, line, self._value(seen, *parts))])

    def lines(self, states: Floats) -> tuple[Floats, Floats]:
        """See `Indicator`."""
        fast, slow, atr, count, line = states[PAST:]
        with np.errstate(all="ignore"):
            return self._value(states, fast, slow, atr), self._line.shown(count, line)

    def parts(self, states: Floats) -> dict[str, Floats]:
        """What a value is made of, by the names of a record; NaN where it is not defined."""
        return dict(zip(PARTS, self._shown(states, *states[PAST : PAST + 3]), strict=True))

    def records(self, states: Floats) -> list[dict[str, Any]]:
        """See `Indicator`."""
        bars, observed = states[BARS], states[OBSERVED]
        bounds = residual([(self._fast, bars), (self._slow, bars), (self._atr, observed)])
        value, line = self.lines(states)
        told = zip(*lines(value, line), *map(numbers, self.parts(states).values()), strict=True)
        columns = states[:PAST].T.tolist(), value.tolist(), line.tolist(), bounds.tolist(), told
        return [self._record(*row) for row in zip(*columns, strict=True)]

    def _value(self, seen: Floats, fast: Floats, slow: Floats, atr: Floats) -> Floats:
        """The indicator: defined once both averages and the range are, and where there is a range."""
        fast, slow, atr = self._shown(seen, fast, slow, atr)
        value = (fast - slow) / _where(atr > VANISHING * seen[CLOSE], atr, np.nan) * SCALE
        return _where(np.isfinite(value), value, np.nan)

    def _shown(self, seen: Floats, fast: Floats, slow: Floats, atr: Floats) -> tuple[Floats, Floats, Floats]:
        bars, observed = seen[BARS], seen[OBSERVED]
        return self._fast.shown(fast, bars), self._slow.shown(slow, bars), self._atr.shown(atr, observed)

    def _record(
        self, seen: list[float], value: float, line: float, bound: float, told: tuple[float | None, ...]
    ) -> dict[str, Any]:
        seeded = seen[OBSERVED] >= self.options.atr
        reason = None if seeded else "Low trading activity"
        return {
            "timestamp": int(seen[OPEN_TIME]),
            "type": self.kind,
            "value": dict(zip(TOLD, told, strict=True)) if seeded else dict.fromkeys(TOLD),
            "params": {
                **self._periods,
                "stage": stage(value, line) if seeded else "unknown",
                **activity(seen),
                "seeded": seeded,
                **({"reason": reason} if reason else {}),
            },
            "validity": validity(seen, bound, defined=not isnan(value - line), reason=reason),
        }


def _where(holds: NDArray[np.bool_], one: Floats, other: Floats | float) -> Floats:
    """`numpy.where`, which is left out where it would choose one of both throughout, as it does nearly always."""
    return one if holds.all() else np.where(holds, one, other)
