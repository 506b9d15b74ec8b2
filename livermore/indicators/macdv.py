"""MACD-V: momentum in units of volatility, (EMA12 - EMA26) / ATR26 * 100, with its signal line and stage.

Rules, stages and golden vectors: `reference.md` 7 and Appendix A.
"""

from typing import Any

import numpy as np
from pydantic import Field

from livermore.indicators.analysis import liquidity, stage
from livermore.indicators.bars import Bars, Floats
from livermore.indicators.moving_average import ema
from livermore.indicators.true_range import informative_atr
from livermore.settings import Options as BaseOptions

SCALE = 100
VANISHING = 1e-10
"""A range that is a smaller share of the price is none: what divides by it would be the averages' rounding."""
PUBLISHED_FROM = 60
READY_FROM = 250


class Options(BaseOptions):
    """Periods in bars."""

    fast: int = Field(12, ge=2, le=200)
    slow: int = Field(26, ge=3, le=400)
    atr: int = Field(26, ge=2, le=400)
    signal: int = Field(9, ge=2, le=200)


class Macdv:
    """The indicator, to be computed over any bars."""

    kind = "macd-v"

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()

    def compute(self, bars: Bars) -> "Values":
        """All values of a series; it has at least one bar."""
        return Values(bars, self.options)


class Values:
    """The indicator's values; every array has the shape of the bars, with NaN where a value is not defined."""

    def __init__(self, bars: Bars, options: Options) -> None:
        self.bars, self.options = bars, options
        self.fast = ema(bars.close, options.fast)
        self.slow = ema(bars.close, options.slow)
        self.atr = informative_atr(bars, options.atr)
        self.value = _ratio(self.fast - self.slow, self.atr, bars.close)
        self.signal = _signal_line(self.value, options.signal)
        self.histogram = self.value - self.signal
        self.seen = np.cumsum(bars.observed)

    def published(self, at: int) -> bool:
        """Whether the value at bar ``at`` rests on enough traded bars to be told at all."""
        return bool(self.seen[at] >= PUBLISHED_FROM)

    def index(self, open_time: int) -> int:
        """The bar that opens at this time (ms)."""
        return int(np.searchsorted(self.bars.open_time, open_time))

    def point(self, at: int) -> list[float | None]:
        """What is drawn of bar ``at``: open time (ms), value, signal line."""
        return [int(self.bars.open_time[at]), _number(self.value[at]), _number(self.signal[at])]

    def record(self, at: int) -> dict[str, Any]:
        """The full record at bar ``at``, an index from 0: the fields of `reference.md` 3.3 and the value's validity."""
        observed = int(self.seen[at])
        seeded = observed >= self.options.atr
        defined = not np.isnan(self.histogram[at])
        ready = seeded and observed >= READY_FROM and defined
        reason = None if seeded else "Low trading activity"
        return {
            "timestamp": int(self.bars.open_time[at]),
            "type": Macdv.kind,
            "value": self._values(at, seeded=seeded),
            "params": {**self._parameters(at, observed), "seeded": seeded, **({"reason": reason} if reason else {})},
            "validity": {
                "ready": ready,
                "bars_used": at + 1,
                "observed_bars": observed,
                "residual_bound": (25 / 26) ** max(0, observed - 26),
                "reason": reason or (None if ready else _unready(observed)),
            },
        }

    def _values(self, at: int, *, seeded: bool) -> dict[str, float | None]:
        value, line = _number(self.value[at]), _number(self.signal[at])
        if not seeded:
            return dict.fromkeys(("macdV", "signal", "histogram", "fastEMA", "slowEMA", "atr"))
        without_line = value is not None and line is None
        return {
            "macdV": value,
            "signal": 0.0 if without_line else line,
            "histogram": 0.0 if without_line else _number(self.histogram[at]),
            "fastEMA": _number(self.fast[at]),
            "slowEMA": _number(self.slow[at]),
            "atr": _number(self.atr[at]),
        }

    def _parameters(self, at: int, observed: int) -> dict[str, Any]:
        gap_ratio = (at + 1 - observed) / (at + 1)
        last_observed = int(np.flatnonzero(self.bars.observed[: at + 1])[-1])
        o = self.options
        return {
            "fastPeriod": o.fast, "slowPeriod": o.slow, "atrPeriod": o.atr, "signalPeriod": o.signal,
            "stage": stage(self.value[at], self.signal[at]) if observed >= o.atr else "unknown",
            "liquidity": liquidity(gap_ratio),
            "gapRatio": gap_ratio,
            "zeroRangeRatio": float(np.mean(self.bars.high[: at + 1] == self.bars.low[: at + 1])),
            "nEff": observed,
            "spanBars": last_observed + 1,
        }  # fmt: skip


def _unready(observed: int) -> str:
    missing = READY_FROM - observed
    return f"{missing} more traded bars are needed" if missing > 0 else "No value is defined"


def _ratio(spread: Floats, atr: Floats, close: Floats) -> Floats:
    usable = np.where(atr > VANISHING * close, atr, np.nan)
    return spread / usable * SCALE


def _signal_line(values: Floats, period: int) -> Floats:
    """EMA over the values from the first defined one; a hole after it counts as 0."""
    line = np.full(len(values), np.nan)
    defined = np.flatnonzero(~np.isnan(values))
    if len(defined):
        line[defined[0] :] = ema(np.nan_to_num(values[defined[0] :]), period)
    return line


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
