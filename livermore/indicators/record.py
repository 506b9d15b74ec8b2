"""The parts that the full records of all indicators share (`reference.md` 3.3)."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from livermore.indicators.recursion import BARS, FLAT, OBSERVED, SPAN
from livermore.market.analysis import liquidity

Point = list[float | None]


def number(value: float) -> float | None:
    """A number as records have it: none where it is not defined, or beyond what a number can be."""
    return float(value) if isfinite(value) else None


def point(open_time: float, value: float, line: float) -> Point:
    """What is drawn of a bar: open time (ms), value, signal line."""
    return [int(open_time), number(value), number(line)]


def lines(name: str, value: float, line: float) -> dict[str, float | None]:
    """Value, signal line and their distance; a line that is not defined yet is told as zeros."""
    told = {name: number(value), "signal": number(line), "histogram": number(value - line)}
    if told[name] is not None and told["signal"] is None:
        told |= {"signal": 0.0, "histogram": 0.0}
    return told


def activity(seen: Sequence[float]) -> dict[str, Any]:
    """How much was traded in the bars that a state rests on. ``seen``: the state's first numbers."""
    gap_ratio = (seen[BARS] - seen[OBSERVED]) / seen[BARS]
    return {
        "liquidity": liquidity(gap_ratio),
        "gapRatio": gap_ratio,
        "zeroRangeRatio": seen[FLAT] / seen[BARS],
        "nEff": int(seen[OBSERVED]),
        "spanBars": int(seen[SPAN]),
    }
