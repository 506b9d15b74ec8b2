"""How wrong a value is that begins in the middle of a recorded series, beside the value of its whole history."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livermore.indicators.bars import Bars, Floats, filled
from livermore.indicators.macdv import SCALE, Macdv
from livermore.indicators.recursion import BARS, OBSERVED, PAST, unborn
from livermore.indicators.validity import PUBLISHED_FROM, READY_FROM
from livermore.market.analysis import stage
from tests.indicators.recorded import LONG, SHORT

BARS_SEEN = (PUBLISHED_FROM, 100, 150, READY_FROM, 350)
FORGOTTEN = 1_000
"""Bars of history that lie before every beginning: of its own seed, less than 1e-16 is left by then."""
TOO_SHORT = {"BTC-USD 4h", "BTC-USDT 15m", "ETH-USD 5m of Binance.US", "ETH-USD 5m", "SOL-USD 5m"}
NAMES = [name for name in (LONG | SHORT) if name not in TOO_SHORT]


class Warmth(NamedTuple):
    """After ``bars`` traded bars, an entry for each beginning: how far the value is off, in points, how far the line,
    whether the stage is another, and what the error is bound to be by the errors that the seeds of its averages had.
    """

    bars: int
    error: Floats
    line: Floats
    wrong: NDArray[np.bool_]
    bound: Floats
    residual: Floats


def bar_of(some: Bars, at: NDArray[np.int64]) -> Bars:
    """These bars of a series, as one bar of many series."""
    return Bars(some.open_time[at], some.high[at], some.low[at], some.close[at], some.observed[at])


def warmths(name: str, most: int) -> list[Warmth]:
    """Begin at no more than so many bars of a series, evenly spread, all of them traded."""
    some = filled((LONG | SHORT)[name]())
    return measured(Macdv(), some, np.unique(np.linspace(FORGOTTEN, len(some) - 800, most).astype(np.int64)))


def measured(macdv: Macdv, some: Bars, begins: NDArray[np.int64]) -> list[Warmth]:
    """Begin at each of these bars that was traded."""
    begins = begins[some.observed[begins]]
    history = macdv.states(some)
    states, seeds = unborn(macdv.width, len(begins)), np.zeros((3, len(begins)))
    found: dict[int, list[tuple[Floats, NDArray[np.int64], Floats]]] = {bars: [] for bars in BARS_SEEN}
    places = begins.copy()
    while len(places) and states[OBSERVED].min() < max(BARS_SEEN) and places.max() < len(some):
        bar = bar_of(some, places)
        states = macdv.step(states, bar)
        _note(seeds, macdv, states, history[:, places], bar.observed)
        for bars, parts in found.items():
            here = bar.observed & (states[OBSERVED] == bars)
            parts.append((states[:, here], places[here], seeds[:, here]))
        places = places + 1
    return [_compared(macdv, history, bars, parts) for bars, parts in found.items()]


def _note(seeds: Floats, macdv: Macdv, states: Floats, history: Floats, observed: NDArray[np.bool_]) -> None:
    """Write down how wrong an average is at the bar that seeds it."""
    o = macdv.options
    seeding = (states[BARS] == o.fast, states[BARS] == o.slow, observed & (states[OBSERVED] == o.atr))
    for row, here in enumerate(seeding):
        off = np.abs(states[PAST + row] - history[PAST + row])
        seeds[row] = np.where(here, off, seeds[row])


def _compared(
    macdv: Macdv, history: Floats, bars: int, parts: Sequence[tuple[Floats, NDArray[np.int64], Floats]]
) -> Warmth:
    states = np.concatenate([part[0] for part in parts], axis=1)
    seeds = np.concatenate([part[2] for part in parts], axis=1)
    whole = history[:, np.concatenate([part[1] for part in parts])]
    (value, line), (true, true_line) = macdv.lines(states), macdv.lines(whole)
    told, right = _stages(value, line), _stages(true, true_line)
    residual = np.array([record["validity"]["residual_bound"] for record in macdv.records(states)])
    bound = residual * (SCALE * (seeds[0] + seeds[1]) + np.abs(true) * seeds[2]) / states[PAST + 2]
    return Warmth(bars, np.abs(value - true), np.abs(line - true_line), told != right, bound, residual)


def _stages(value: Floats, line: Floats) -> NDArray[np.str_]:
    return np.array(list(map(stage, value.tolist(), line.tolist())))
