"""What people read in indicator values: stage, zone, crossover, divergence, scalping bias, liquidity.

The borders are those of `reference.md` 7.3 and 7.4. For the admin side: nothing public names any of it.
"""

from collections.abc import Sequence
from math import isnan

_LONG = {
    "deep_negative": "strong_long", "negative": "long", "neutral": "weak_long", "positive": "long",
    "elevated": "weak_long", "deep_positive": "weak_long",
}  # fmt: skip
_SHORT = {
    "deep_positive": "strong_short", "positive": "short", "elevated": "short", "neutral": "weak_short",
    "negative": "short", "deep_negative": "weak_short",
}  # fmt: skip
POINTS = 4
"""A divergence is told of so many points, of which the newest is left out: it may still be moving."""
APART = 0.15


def stage(value: float, line: float) -> str:
    """The stage for an indicator value and its signal line: `unknown` for NaN and for most exact border values."""
    if isnan(value) or isnan(line):
        return "unknown"
    above, below = value > line, value < line
    rules = (
        ("oversold", value < -150),
        ("overbought", value > 150 and above),
        ("rallying", 50 < value < 150 and above),
        ("rebounding", -150 < value < 50 and above),
        ("reversing", -150 < value < -50 and below),
        ("retracing", value > -50 and below),
        ("ranging", -50 < value < 50),
    )
    return next((name for name, holds in rules if holds), "unknown")


def zone(value: float) -> str:
    """Where a value stands between `oversold` and `overbought`."""
    zones = (
        ("oversold", value <= -120),
        ("deep_negative", value <= -100),
        ("negative", value < -30),
        ("neutral", value <= 30),
        ("positive", value < 80),
        ("elevated", value < 120),
    )
    return next((name for name, holds in zones if holds), "overbought")


def crossover(histogram: float | None, before: float | None) -> str:
    """Whether value and signal line have just crossed: by the histogram now and one bar before."""
    if histogram is None or before is None:
        return "none"
    if histogram > 0:
        return "fresh_bullish" if before <= 0 else "bullish"
    if histogram < 0:
        return "fresh_bearish" if before >= 0 else "bearish"
    return "none"


def scalping_bias(where: str, phase: str, histogram: float) -> str:
    """What a trader of minutes may lean to, by zone, stage and histogram."""
    if where in ("overbought", "oversold"):
        return "caution"
    if phase in ("rebounding", "rallying") and histogram > 0:
        return _LONG[where]
    if phase in ("retracing", "reversing") and histogram < 0:
        return _SHORT[where]
    return "neutral"


def divergence(values: Sequence[float], plain: Sequence[float]) -> str:
    """Whether MACD-V and MACD, as ``plain``, part (`diverging`), near (`converging`) or go together (`aligned`).

    Both ascend in time and end with the same bar. What cannot be told, too few points or a first of zero, is aligned;
    so are changes that are exactly `APART` from each other.
    """
    if min(len(values), len(plain)) < POINTS:
        return "aligned"
    (first, _, last), (plain_first, _, plain_last) = values[-POINTS:-1], plain[-POINTS:-1]
    if first == 0 or plain_first == 0:
        return "aligned"
    apart = (last - first) / abs(first) - (plain_last - plain_first) / abs(plain_first)
    return "diverging" if apart > APART else "converging" if apart < -APART else "aligned"


def liquidity(gap_ratio: float) -> str:
    """How liquid a series is, by the share of its bars in which nothing was traded."""
    return "high" if gap_ratio < 0.2 else "medium" if gap_ratio < 0.5 else "low"
