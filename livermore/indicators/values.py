"""What every indicator is, and its values over a series: computed from history, with the state after every bar."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from livermore.indicators.bars import Bars, Floats
from livermore.indicators.record import Point, point
from livermore.indicators.recursion import OBSERVED, OPEN_TIME
from livermore.indicators.validity import PUBLISHED_FROM

AT_ONCE = 10_000
"""Records that are held at a time."""


class Indicator(Protocol):
    """A class in a file of this package, named as the file in CamelCase, with ``Options`` beside it.

    ``kind``: the last word of its keys; ``told``: whether public signals and alerts are made of it; ``recipe``: what
    it computes, so that it does not go on from the state of another; ``width``: how many numbers a state has.
    """

    @property
    def kind(self) -> str: ...
    @property
    def told(self) -> bool: ...
    @property
    def recipe(self) -> str: ...
    @property
    def width(self) -> int: ...

    def states(self, bars: Bars) -> Floats:
        """The states after each bar of a series."""

    def step(self, states: Floats, bar: Bars) -> Floats:
        """The states of many series after one more bar of each."""

    def lines(self, states: Floats) -> tuple[Floats, Floats]:
        """Value and signal line in these states; NaN where they are not defined."""

    def records(self, states: Floats) -> list[dict[str, Any]]:
        """The full record in each of these states."""


class Values:
    """An indicator's values; every array has the shape of the bars, with NaN where a value is not defined."""

    def __init__(self, indicator: Indicator, bars: Bars) -> None:
        """``bars``: at least one."""
        self.bars, self._indicator = bars, indicator
        self.states = indicator.states(bars)
        self.value, self.signal = indicator.lines(self.states)
        self.histogram = self.value - self.signal
        self.seen = self.states[OBSERVED]

    def published(self, at: int) -> bool:
        """Whether the value at bar ``at`` rests on enough traded bars to be told at all."""
        return bool(self.seen[at] >= PUBLISHED_FROM)

    def index(self, open_time: int) -> int:
        """The bar that opens at this time (ms)."""
        return int(np.searchsorted(self.bars.open_time, open_time))

    def point(self, at: int) -> Point:
        """What is drawn of bar ``at``."""
        return point(self.states[OPEN_TIME, at], self.value[at], self.signal[at])

    def record(self, at: int) -> dict[str, Any]:
        """The full record at bar ``at``, an index from 0: the fields of `reference.md` 3.3 and the value's validity."""
        return self._indicator.records(self.states[:, [at]])[0]


def records(indicator: Indicator, bars: Bars) -> Iterator[dict[str, Any]]:
    """The full records of the bars that were traded, ascending."""
    states = indicator.states(bars)
    traded = np.flatnonzero(bars.observed)
    for i in range(0, len(traded), AT_ONCE):
        yield from indicator.records(states[:, traded[i : i + AT_ONCE]])
