"""The chart of a notice: candles above, MACD-V with its signal line and levels below, the alert marked in both.

It is 800 x 500 pixels and is looked at on a phone: few lines, large letters. The library is loaded with the first one.
"""

import io
import math
from datetime import UTC, datetime
from typing import Any, NamedTuple

from livermore.errors import LivermoreError
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe

SLOTS = 60
"""Candles of a chart; a bucket without trades leaves its place empty."""
FEWEST = 10
"""Candles below which there is nothing to be seen."""
WIDTH, HEIGHT, DPI = 800, 500, 100
LETTER, MARGIN = 10.5, 14.0
"""Pixels of a letter of a label, and beside it."""
APART = 0.13
"""Least distance of two numbers beside the lower part, as a share of it."""
LEVELS = (-150, -50, 50, 150)
BACKGROUND, GRID, TEXT = "#11151d", "#2a3140", "#d6dbe5"
UP, DOWN, VALUE, SIGNAL, LEVEL, MARK = "#26c281", "#ef5350", "#4cc2ff", "#ffb347", "#7c879c", "#ffe45e"


class Point(NamedTuple):
    """The indicator at a candle; a number that is not defined is NaN."""

    open_time: int
    value: float
    signal: float


class Picture(NamedTuple):
    """What is drawn. ``at``: open time (ms) of the alert's candle, the last one; ``level``: that was crossed, if any;
    ``up``: which way the alert points.
    """

    title: str
    price: str
    timeframe: Timeframe
    at: int
    up: bool
    level: int | None
    candles: list[Candle]
    points: list[Point]

    def slot(self, open_time: int) -> int:
        """The place of a candle, 0 to SLOTS - 1."""
        return SLOTS - 1 - (self.at - open_time) // self.timeframe.ms


def load() -> None:
    """Load the library, which takes a second and, the first time on a machine, several.

    Raises:
        LivermoreError: it is not installed.
    """
    try:
        import matplotlib.backends.backend_agg  # noqa: PLC0415 - only who draws needs it
        import matplotlib.figure  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        raise LivermoreError(f"charts need another package ({error}): pip install 'livermore[charts]'") from error


def draw(picture: Picture) -> bytes:
    """The chart as a PNG; equal pictures give equal bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - takes a second to load
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=BACKGROUND)
    FigureCanvasAgg(figure)
    right = 1 - (LETTER * _longest(picture) + MARGIN) / WIDTH
    grid = figure.add_gridspec(2, 1, height_ratios=(3, 2), left=0.02, right=right, top=0.885, bottom=0.075, hspace=0.19)
    above, below = (figure.add_subplot(grid[row, 0]) for row in range(2))
    _caption(figure, picture)
    _candles(above, picture)
    _indicator(below, picture)
    for axes in (above, below):
        _dress(axes)
        _times(axes, picture)
    above.tick_params(labelbottom=False)
    above.locator_params(axis="y", nbins=5)
    made = io.BytesIO()
    figure.savefig(made, format="png", metadata={"Software": None}, facecolor=BACKGROUND)
    return made.getvalue()


def _caption(figure: Any, picture: Picture) -> None:
    figure.text(0.02, 0.925, picture.title, color=TEXT, size=17, weight="bold")
    figure.text(0.98, 0.925, picture.price, color=UP if picture.up else DOWN, size=17, weight="bold", ha="right")


def _candles(axes: Any, picture: Picture) -> None:
    for colour, rises in ((UP, True), (DOWN, False)):
        some = [c for c in picture.candles if (float(c.close) >= float(c.open)) == rises]
        slots = [picture.slot(c.open_time) for c in some]
        axes.vlines(slots, [float(c.low) for c in some], [float(c.high) for c in some], color=colour, linewidth=1.4)
        bottoms = [min(float(c.open), float(c.close)) for c in some]
        heights = [abs(float(c.close) - float(c.open)) for c in some]
        axes.bar(slots, heights, 0.72, bottoms, color=colour, edgecolor=colour, linewidth=0.8)
    low, high = _range(picture)
    room = (high - low or high * 0.001) * 0.16
    axes.set_ylim(low - room, high + room)
    last = picture.candles[-1]
    place = float(last.low) - room * 0.55 if picture.up else float(last.high) + room * 0.55
    axes.plot([picture.slot(last.open_time)], [place], "^" if picture.up else "v", color=MARK, markersize=13)
    axes.yaxis.set_major_formatter(lambda value, _: _amount(value, high - low))


def _range(picture: Picture) -> tuple[float, float]:
    return min(float(c.low) for c in picture.candles), max(float(c.high) for c in picture.candles)


def _longest(picture: Picture) -> int:
    """Letters of the longest label on the right."""
    low, high = _range(picture)
    return max(len(_amount(value, high - low)) for value in (low, high))


def _indicator(axes: Any, picture: Picture) -> None:
    low, high = _span(picture)
    for level in (*LEVELS, *([picture.level] if picture.level is not None else [])):
        crossed = level == picture.level
        if low <= level <= high:
            colour, width = (MARK, 1.6) if crossed else (LEVEL, 1.0)
            axes.axhline(level, color=colour, linewidth=width, linestyle="--")
    axes.axhline(0, color=LEVEL, linewidth=0.8)
    slots = [picture.slot(point.open_time) for point in picture.points]
    axes.plot(slots, [point.signal for point in picture.points], color=SIGNAL, linewidth=2.0)
    axes.plot(slots, [point.value for point in picture.points], color=VALUE, linewidth=2.6)
    if picture.points:
        axes.plot(slots[-1:], [picture.points[-1].value], "o", color=MARK, markersize=9)
        _legend(axes, picture.points[-1])
    axes.set_ylim(low, high)
    axes.set_yticks(_labelled(picture.level, low, high))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:+.0f}")


def _legend(axes: Any, last: Point) -> None:
    """Which line is which, and where it stands: between the two parts, where no line is."""
    for left, name, value, colour in ((0.0, "MACD-V", last.value, VALUE), (0.27, "signal", last.signal, SIGNAL)):
        text = f"{name} {value:+.1f}"
        axes.text(left, 1.04, text, color=colour, size=13, weight="bold", va="bottom", transform=axes.transAxes)


def _labelled(crossed: int | None, low: float, high: float) -> list[int]:
    """Levels that are told by number: what matters most comes first, and no number covers another one."""
    found: list[int] = []
    for level in (*([crossed] if crossed is not None else []), -150, 150, -50, 50):
        if low <= level <= high and all(abs(level - other) >= (high - low) * APART for other in found):
            found.append(level)
    return found


def _span(picture: Picture) -> tuple[float, float]:
    numbers = [n for point in picture.points for n in (point.value, point.signal) if not math.isnan(n)]
    numbers += [-60.0, 60.0, *([float(picture.level)] if picture.level is not None else [])]
    room = (max(numbers) - min(numbers)) * 0.12
    return min(numbers) - room, max(numbers) + room


def _dress(axes: Any) -> None:
    axes.set_facecolor(BACKGROUND)
    axes.set_xlim(-1, SLOTS + 0.5)
    axes.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.yaxis.tick_right()
    axes.tick_params(colors=TEXT, labelsize=13, length=0)
    for side in axes.spines.values():
        side.set_color(GRID)


def _times(axes: Any, picture: Picture) -> None:
    form = "%d %b" if picture.timeframe in {Timeframe.H4, Timeframe.D1} else "%H:%M"
    slots = range(9, SLOTS, 15)
    opened = [picture.at - (SLOTS - 1 - slot) * picture.timeframe.ms for slot in slots]
    axes.set_xticks(slots, [datetime.fromtimestamp(ms / 1000, UTC).strftime(form) for ms in opened])


def _amount(value: float, span: float) -> str:
    """A price on the axis, with as many decimals as tell neighbours apart."""
    decimals = max(0, min(10, 1 - math.floor(math.log10(span)))) if span > 0 else 4
    return f"{value:,.{decimals}f}"
