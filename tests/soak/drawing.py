"""Pictures that soak runs leave: lines over time in panels one above the other, as SVG."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livermore.indicators.bars import Floats
from tests.soak.table import FOLDER

WIDTH, LEFT, RIGHT, GAP, HEAD, FOOT = 900, 56, 12, 34, 30, 30
INK, GRID = "#333333", "#dddddd"


class Line(NamedTuple):
    """``label``: what stands in the legend; ``dots``: indices of values that are marked."""

    values: Floats
    colour: str
    label: str
    dots: Sequence[int] = ()


class Panel(NamedTuple):
    """``levels``: values at which a line is ruled across, with the number beside it; else the ends are told."""

    title: str
    lines: Sequence[Line]
    height: int
    levels: Sequence[float] = ()


def draw(name: str, panels: Sequence[Panel], ticks: Sequence[tuple[int, str]]) -> None:
    """Write a picture, replacing the one of the last run. ``ticks``: words under the axis, by index of value."""
    parts, top = list[str](), HEAD
    for panel in panels:
        parts += _panel(panel, top, ticks)
        top += panel.height + GAP
    height = top - GAP + FOOT
    last = len(panels[-1].lines[0].values) - 1
    parts += [_text(_x(at, last), height - 10, word, "middle") for at, word in ticks]
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">'
    body = "\n".join([frame, f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', *parts, "</svg>"])
    (FOLDER / f"{name}.svg").write_text(body + "\n", encoding="utf-8")


def _panel(panel: Panel, top: int, ticks: Sequence[tuple[int, str]]) -> list[str]:
    values = np.concatenate([np.asarray([*line.values, *panel.levels]) for line in panel.lines])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    last, bottom = len(panel.lines[0].values) - 1, top + panel.height

    def y(value: float) -> float:
        return round(bottom - (value - low) / (high - low) * panel.height, 1)

    parts = [_rule(_x(at, last), top, _x(at, last), bottom) for at, _ in ticks]
    parts += [_rule(LEFT, y(level), WIDTH - RIGHT, y(level)) for level in panel.levels]
    parts += [_text(LEFT - 6, y(value) + 4, f"{value:g}", "end") for value in panel.levels or (low, high)]
    for line in panel.lines:
        points = " ".join(f"{_x(i, last)},{y(value)}" for i, value in enumerate(line.values))
        parts.append(f'<polyline fill="none" stroke="{line.colour}" stroke-width="1.6" points="{points}"/>')
        parts += [
            f'<circle cx="{_x(i, last)}" cy="{y(line.values[i])}" r="1.8" fill="{line.colour}"/>' for i in line.dots
        ]
    return [*parts, _text(LEFT, top - 8, panel.title, "start"), *_legend(panel.lines, top - 8)]


def _legend(lines: Sequence[Line], y: int) -> list[str]:
    words, right = list[str](), WIDTH - RIGHT
    for line in reversed(lines):
        words.append(_text(right, y, line.label, "end", line.colour))
        right -= 7 * len(line.label) + 24
    return words


def _x(at: int, last: int) -> float:
    return round(LEFT + at / last * (WIDTH - LEFT - RIGHT), 1)


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line x1="{x}" y1="{y}" x2="{to_x}" y2="{to_y}" stroke="{GRID}"/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = INK) -> str:
    return f'<text x="{x}" y="{y}" font-size="13" text-anchor="{anchor}" fill="{colour}">{words}</text>'
