"""The history of one symbol: bars of any size up to a moment, the bar of that moment included."""

from functools import lru_cache

import numpy as np

from livermore.simulator.bars import NO_BARS, Bar, Bars
from livermore.simulator.minutes import Minutes
from livermore.simulator.noise import Ints
from livermore.simulator.tape import Tape

DAY = 1_440
_SHELF = 32
"""Days that are computed and remembered together."""


class History:
    """Bars of ``size`` minutes; a bar's place is its open time in minutes since the epoch. ``now`` is ms UTC."""

    def __init__(self, minutes: Minutes, tape: Tape) -> None:
        self._minutes, self._tape = minutes, tape
        self._shelf = lru_cache(40)(self._make_shelf)
        self._over = lru_cache(16)(self._make_over)

    def bars(self, size: int, first: int, last: int, now: int) -> tuple[Ints, Bars]:
        """The places and bars from the first place to the last, both included, but none after ``now``."""
        start = -(-max(first, 0) // size) * size
        newest = now // 60_000 // size * size
        last = min(last // size * size, newest)
        closed = max(min(last + size, newest) - start, 0) // size
        bars = self._closed(size, start, closed)
        if start <= newest == last:
            bars = bars.and_then(self._forming(newest, now))
        return start + size * np.arange(len(bars.trades)), bars

    def _forming(self, place: int, now: int) -> Bar:
        """The bar that opened at ``place`` and is not over yet, of the trades before ``now``."""
        current = now // 60_000
        minute = self._tape.minute(current)
        young = minute.bar(minute.before(now * 1_000))
        return self._over(place, current).then(young)

    def _closed(self, size: int, place: int, count: int) -> Bars:
        if not count:
            return NO_BARS
        if size == DAY:
            return self._days(place // DAY, count)
        return self._minutes.bars(place, count * size).rolled_up(size)

    def _days(self, day: int, count: int) -> Bars:
        shelf = day // _SHELF
        first, *more = [self._shelf(number) for number in range(shelf, (day + count - 1) // _SHELF + 1)]
        return first.followed_by(*more).sliced(day - shelf * _SHELF, day - shelf * _SHELF + count)

    def _make_shelf(self, shelf: int) -> Bars:
        return self._minutes.bars(shelf * _SHELF * DAY, _SHELF * DAY).rolled_up(DAY)

    def _make_over(self, place: int, current: int) -> Bar:
        """The minutes of an open bar that are over. Who follows the bar asks for the same ones again and again."""
        return self._minutes.bars(place, current - place).total()
