"""The parts that the full records of all indicators share (`reference.md` 3.3)."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from livermore.indicators.bars import Floats
from livermore.indicators.recursion import BARS, FLAT, OBSERVED, SPAN
from livermore.market.analysis import liquidity

Point = list[float | None]


def number(value: float) -> float | None:
    """A number as records have it: none where it is not defined, or beyond what a number can be."""
    return float(value) if isfinite(value) else None


def numbers(values: Floats) -> list[float | None]:
    """As `number`, of many."""
    listed: list[float | None] = values.tolist()
    return listed if np.isfinite(values).all() else list(map(number, values))


def point(open_time: float, value: float, line: float) -> Point:
    """What is drawn of a bar: open time (ms), value, signal line."""
    return [int(open_time), number(value), number(line)]


def lines(value: Floats, line: Floats) -> tuple[list[float | None], ...]:
    """The columns value, signal line and their distance; a line that is not defined yet is told as zeros."""
    begins = np.isfinite(value) & ~np.isfinite(line)
    with np.errstate(all="ignore"):
        distance = np.where(begins, 0.0, value - line)
    return numbers(value), numbers(np.where(begins, 0.0, line)), numbers(distance)


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
