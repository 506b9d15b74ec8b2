"""Empty minutes as they are filled and as candles without a range: a table of recorded pairs, and a picture."""

from datetime import UTC, datetime

import numpy as np

from tests.indicators.sparse import LEVEL, PAIRS, SEEDED, crossings, naive, ours, pair
from tests.soak.drawing import Line, Panel, draw
from tests.soak.table import write

BEFORE, AFTER = 150, 90
"""Minutes of the picture around the worst value."""
PRICE, OURS, NAIVE = "#1f4e9c", "#0a7d3c", "#c23b22"
LEVELS = (-300, -150, 0, 150, 300, 450, 600)
ABOUT = f"""\
Minutes without trades have no candle. MACD-V needs them nevertheless, as averages count minutes: they are filled with
the last close. What was filled moves the averages and contributes no range, so that ATR is that of the minutes which
were traded. Filled naively, as candles like others, each of them would be a range of zero: the quieter a pair, the
smaller the number that its momentum is divided by, and a single trade after an hour of silence would be an alarm.

![Price, MACD-V and naive MACD-V of SLP-CDE around the worst naive value](sparse_pairs.svg)

Both are computed on recorded pairs, of which the first {SEEDED} minutes are left out. A crossing is one of ±{LEVEL},
outwards."""
HEADER = [
    "pair", "minutes", "without trades", "longest silence", "largest", "largest, naive", "crossings",
    "crossings, naive", "beyond ±150", "beyond ±150, naive",
]  # fmt: skip


def row(name: str) -> list[str]:
    some, both = pair(name), (ours(name), naive(name))
    silence = int(np.diff(np.flatnonzero(some.observed)).max()) - 1
    largest = [f"{np.abs(value[SEEDED:]).max():.0f}" for value in both]
    beyond = [f"{(np.abs(value[SEEDED:]) > LEVEL).mean():.1%}" for value in both]
    crossed = [str(crossings(value)) for value in both]
    return [name, str(len(some)), f"{1 - some.observed.mean():.0%}", f"{silence} min", *largest, *crossed, *beyond]


def picture(name: str) -> None:
    some, value, other = pair(name), ours(name), naive(name)
    worst = SEEDED + int(np.abs(other[SEEDED:]).argmax())
    shown = slice(worst - BEFORE, worst + AFTER)
    times = [datetime.fromtimestamp(at / 1000, UTC) for at in some.open_time[shown].tolist()]
    ticks = [(i, f"{at:%H:%M}") for i, at in enumerate(times) if not at.minute % 30]
    traded = np.flatnonzero(some.observed[shown]).tolist()
    price = Line(some.close[shown], PRICE, "close (dots: minutes with trades)", traded)
    lines = [Line(value[shown], OURS, "as it is here"), Line(other[shown], NAIVE, "naive")]
    title = f"{name}, {times[0]:%Y-%m-%d} UTC"
    draw("sparse_pairs", [Panel(title, [price], 150), Panel("MACD-V", lines, 300, LEVELS)], ticks)


def test_empty_minutes_are_no_momentum() -> None:
    found = [row(name) for name in PAIRS]
    picture(PAIRS[0])
    write("sparse_pairs", "Sparse pairs", ABOUT, HEADER, found)
    assert all(int(naively) > 2 * int(filled) for *_, filled, naively, _, _ in found)
