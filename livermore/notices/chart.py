"""The chart of a notice: candles, EMA9, volume above, MACD-V, signal line and levels below, the alert marked in both.

It is 800 x 500 pixels and is looked at on a phone: few lines, large letters. The library is loaded with the first one.
"""

import io
from datetime import UTC, datetime
from typing import Any

from livermore.errors import LivermoreError
from livermore.market.timeframe import Timeframe
from livermore.notices import momentum_panel, price_panel
from livermore.notices.picture import BACKGROUND, DOWN, GRID, SLOTS, TEXT, UP, Picture

WIDTH, HEIGHT, DPI = 800, 500, 100
LETTER, MARGIN = 10.5, 14.0
"""Pixels of a letter of a label, and beside it."""


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
    right = 1 - (LETTER * price_panel.longest_label(picture) + MARGIN) / WIDTH
    grid = figure.add_gridspec(2, 1, height_ratios=(5, 4), left=0.02, right=right, top=0.85, bottom=0.075, hspace=0.2)
    above, below = (figure.add_subplot(grid[row, 0]) for row in range(2))
    _caption(figure, picture)
    for axes, panel in ((above, price_panel.panel), (below, momentum_panel.panel)):
        _dress(axes)
        panel(axes, picture)
        _times(axes, picture)
    above.tick_params(labelbottom=False)
    made = io.BytesIO()
    figure.savefig(made, format="png", metadata={"Software": None}, facecolor=BACKGROUND)
    return made.getvalue()


def _caption(figure: Any, picture: Picture) -> None:
    figure.text(0.02, 0.935, picture.title, color=TEXT, size=17, weight="bold")
    figure.text(0.98, 0.935, picture.price, color=UP if picture.up else DOWN, size=17, weight="bold", ha="right")


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
