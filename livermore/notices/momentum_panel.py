"""The lower part of a chart: MACD-V as dots, hotter the farther out they are, signal line, histogram and levels."""

import math
from typing import Any

from livermore.notices.picture import DOWN, LEVEL, MARK, SIGNAL, TEXT, UP, Picture, legend

LEVELS = (-150, -50, 50, 150)
APART = 0.13
"""Least distance of two numbers beside it, as a share of its height."""
HEAT = ((50, "#8fa1bd"), (75, "#4cc2ff"), (125, "#7f8cff"), (140, "#b883ff"), (150, "#f27be0"), (math.inf, "#ff4f9a"))
"""The colour of a dot by the size of its value: of the first border that is above it (`reference.md` 8.6)."""


def panel(axes: Any, picture: Picture) -> None:
    """Draw it."""
    low, high = _span(picture)
    for level in (*LEVELS, *([picture.level] if picture.level is not None else [])):
        if low <= level <= high:
            colour, width = (MARK, 1.6) if level == picture.level else (LEVEL, 1.0)
            axes.axhline(level, color=colour, linewidth=width, linestyle="--")
    axes.axhline(0, color=LEVEL, linewidth=0.8)
    if picture.points:
        _histogram(axes, picture)
        _lines(axes, picture)
        _legend(axes, picture)
    axes.set_ylim(low, high)
    axes.set_yticks(labelled(picture.level, low, high))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:+.0f}")


def heat(value: float) -> str:
    """The colour for a value."""
    return next((colour for border, colour in HEAT if abs(value) < border), TEXT)


def _histogram(axes: Any, picture: Picture) -> None:
    heights = [point.value - point.signal for point in picture.points]
    colours = [UP if height >= 0 else DOWN for height in heights]
    axes.bar(_slots(picture), heights, 0.72, color=colours, alpha=0.5)


def _lines(axes: Any, picture: Picture) -> None:
    slots, values = _slots(picture), [point.value for point in picture.points]
    axes.plot(slots, [point.signal for point in picture.points], color=SIGNAL, linewidth=2.0)
    axes.plot(slots[-1:], values[-1:], "o", color=MARK, markersize=13)
    axes.scatter(slots, values, s=40, c=list(map(heat, values)), zorder=3)


def _slots(picture: Picture) -> list[int]:
    return [picture.slot(point.open_time) for point in picture.points]


def _legend(axes: Any, picture: Picture) -> None:
    last = picture.points[-1]
    entries = [
        (0.0, f"MACD-V {last.value:+.1f}", heat(last.value)),
        (0.28, f"signal {last.signal:+.1f}", SIGNAL),
        (0.53, f"histogram {last.value - last.signal:+.1f}", UP if last.value >= last.signal else DOWN),
    ]
    legend(axes, [entry for entry in entries if not entry[1].endswith("nan")])


def labelled(crossed: int | None, low: float, high: float) -> list[int]:
    """Levels that are told by number: what matters most comes first, and no number covers another one."""
    found: list[int] = []
    for level in (*([crossed] if crossed is not None else []), -150, 150, -50, 50):
        if low <= level <= high and all(abs(level - other) >= (high - low) * APART for other in found):
            found.append(level)
    return found


def _span(picture: Picture) -> tuple[float, float]:
    numbers = [n for p in picture.points for n in (p.value, p.signal, p.value - p.signal) if not math.isnan(n)]
    numbers += [-60.0, 60.0, *([float(picture.level)] if picture.level is not None else [])]
    room = (max(numbers) - min(numbers)) * 0.12
    return min(numbers) - room, max(numbers) + room
