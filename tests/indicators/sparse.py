"""Two recorded pairs that are hardly traded, and MACD-V of them as it is filled here and as it is filled naively."""

from dataclasses import replace
from functools import cache

import numpy as np

from livermore.indicators.bars import Bars, Floats, filled
from livermore.indicators.macdv import Macdv
from tests.indicators.recorded import SHORT

PAIRS = ("SLP-CDE 1m", "XRP-ETH 1m")
LEVEL = 150
SEEDED = 250
"""Bars of a series that are left out of what is counted."""


@cache
def pair(name: str) -> Bars:
    """A series with its empty minutes filled."""
    return filled(SHORT[name]())


@cache
def ours(name: str) -> Floats:
    """Empty minutes go on in the averages and have no range."""
    macdv = Macdv()
    return macdv.lines(macdv.states(pair(name)))[0]


@cache
def naive(name: str) -> Floats:
    """Empty minutes are candles like others, with a range of zero."""
    macdv, some = Macdv(), pair(name)
    return macdv.lines(macdv.states(replace(some, observed=np.ones(len(some), np.bool_))))[0]


def crossings(value: Floats) -> int:
    """How often a level of ±150 is crossed outwards."""
    beyond = np.abs(value[SEEDED:]) > LEVEL
    return int((beyond[1:] & ~beyond[:-1]).sum())
