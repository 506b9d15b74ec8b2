"""The upper part of a chart: candles with the average of their closes, the volume at their feet, the alert's marker."""

import math
from typing import Any

from livermore.market.candle import Candle
from livermore.notices.picture import AVERAGE, DOWN, MARK, TEXT, UP, Picture, legend

PERIOD = 9
"""Closes of the average, an exponential one."""
ABOVE, BELOW = 0.16, 0.42
"""Room beyond the candles, as a share of their range: what is below is for the volume."""
VOLUME = 0.24
"""How high the largest volume stands, as such a share."""


def panel(axes: Any, picture: Picture) -> None:
    """Draw it."""
    low, high = price_range(picture)
    span = high - low or high * 0.001
    bottom = low - span * BELOW
    axes.set_ylim(bottom, high + span * ABOVE)
    for colour, rises in ((UP, True), (DOWN, False)):
        some = [c for c in picture.candles if (float(c.close) >= float(c.open)) == rises]
        _volume(axes, picture, some, colour, (bottom, span * VOLUME))
        _candles(axes, picture, some, colour)
    slots = [picture.slot(c.open_time) for c in picture.candles]
    axes.plot(slots, picture.averages, color=AVERAGE, linewidth=2.0)
    _marker(axes, picture, span)
    axes.yaxis.set_major_formatter(lambda value, _: amount(value, high - low) if value >= low - span * ABOVE else "")
    axes.locator_params(axis="y", nbins=6)
    _legend(axes, picture)


def _candles(axes: Any, picture: Picture, some: list[Candle], colour: str) -> None:
    slots = [picture.slot(c.open_time) for c in some]
    axes.vlines(slots, [float(c.low) for c in some], [float(c.high) for c in some], color=colour, linewidth=1.4)
    bottoms = [min(float(c.open), float(c.close)) for c in some]
    heights = [abs(float(c.close) - float(c.open)) for c in some]
    axes.bar(slots, heights, 0.72, bottoms, color=colour, edgecolor=colour, linewidth=0.8)


def _volume(axes: Any, picture: Picture, some: list[Candle], colour: str, place: tuple[float, float]) -> None:
    """``place``: where the volume stands on the axis of prices, and how high the largest is there."""
    bottom, height = place
    largest = max(float(c.volume) for c in picture.candles) or 1.0
    slots = [picture.slot(c.open_time) for c in some]
    axes.bar(slots, [float(c.volume) / largest * height for c in some], 0.72, bottom, color=colour, alpha=0.6)


def _marker(axes: Any, picture: Picture, span: float) -> None:
    last = picture.candles[-1]
    place = float(last.low) - span * ABOVE * 0.75 if picture.up else float(last.high) + span * ABOVE * 0.65
    axes.plot([picture.slot(last.open_time)], [place], "^" if picture.up else "v", color=MARK, markersize=13)


def _legend(axes: Any, picture: Picture) -> None:
    low, high = price_range(picture)
    average, volume = picture.averages[-1], short(picture.candles[-1].volume)
    told = [] if math.isnan(average) else [(0.0, f"EMA{PERIOD} {amount(average, high - low)}", AVERAGE)]
    legend(axes, [*told, (0.42, f"volume {volume}", TEXT)])


def price_range(picture: Picture) -> tuple[float, float]:
    """Lowest and highest price of the candles."""
    return min(float(c.low) for c in picture.candles), max(float(c.high) for c in picture.candles)


def longest_label(picture: Picture) -> int:
    """Letters of the longest number beside it."""
    low, high = price_range(picture)
    return max(len(amount(value, high - low)) for value in (low, high))


def amount(value: float, span: float) -> str:
    """A price on the axis, with as many decimals as tell neighbours apart."""
    decimals = max(0, min(10, 1 - math.floor(math.log10(span)))) if span > 0 else 4
    return f"{value:,.{decimals}f}"


def short(volume: str) -> str:
    """A volume in three digits or four: ``0.0123``, ``4.56``, ``6,789``, ``12.3k``, ``4.5M``, ``7.89G``."""
    number = float(volume)
    units = (("G", 1e9, 1e9), ("M", 1e6, 1e6), ("k", 1e4, 1e3), ("", 0.0, 1.0))
    unit, size = next((unit, size) for unit, least, size in units if number >= least)
    told = number / size
    return f"{told:,.0f}{unit}" if told >= 100 else f"{told:.3g}{unit}"
