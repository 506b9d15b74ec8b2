"""What the chart of a notice shows, and the colours in which it does."""

from typing import Any, NamedTuple

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe

SLOTS = 60
"""Candles of a chart; a bucket without trades leaves its place empty."""
BACKGROUND, GRID, TEXT = "#11151d", "#2a3140", "#d6dbe5"
UP, DOWN, AVERAGE, SIGNAL, LEVEL, MARK = "#26c281", "#ef5350", "#ffb347", "#ffb347", "#7c879c", "#ffe45e"


class Point(NamedTuple):
    """The indicator at a candle; a number that is not defined is NaN."""

    open_time: int
    value: float
    signal: float


class Picture(NamedTuple):
    """What is drawn. ``at``: open time (ms) of the alert's candle, the last one; ``level``: that was crossed, if any;
    ``up``: which way the alert points; ``averages``: of the closes, after each of the candles, NaN where undefined.
    """

    title: str
    price: str
    timeframe: Timeframe
    at: int
    up: bool
    level: int | None
    candles: list[Candle]
    averages: list[float]
    points: list[Point]

    def slot(self, open_time: int) -> int:
        """The place of a candle, 0 to SLOTS - 1."""
        return SLOTS - 1 - (self.at - open_time) // self.timeframe.ms


def legend(axes: Any, entries: list[tuple[float, str, str]]) -> None:
    """What is what, above a part where no line is: left edge as a share of the width, text, colour."""
    for left, text, colour in entries:
        axes.text(left, 1.04, text, color=colour, size=13, weight="bold", va="bottom", transform=axes.transAxes)
