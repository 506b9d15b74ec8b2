"""The tape of one symbol: every trade there ever was, made minute by minute when somebody asks."""

from functools import lru_cache

from livermore.simulator.bars import Bars
from livermore.simulator.instruments import Instrument
from livermore.simulator.minutes import Minutes
from livermore.simulator.noise import Ints
from livermore.simulator.prints import Minute, Prints
from livermore.simulator.trade import Trade

_MINUTE = 60_000
_EMPTY = Minute([], [], [], ())
_HOURS, _MINUTES = 24, 64
"""How much is remembered."""


class Tape:
    """Finds trades by time. Times are ms UTC."""

    def __init__(self, seed: int, instrument: Instrument, minutes: Minutes) -> None:
        self._minutes, self._prints = minutes, Prints(seed, instrument)
        self._hour = lru_cache(_HOURS)(self._make_hour)
        self._made = lru_cache(_MINUTES)(self._make_minute)

    def minute(self, minute: int) -> Minute:
        """The trades of one minute, counted from the epoch."""
        return self._made(minute) if self._traded(minute) else _EMPTY

    def between(self, start: int, end: int) -> list[Trade]:
        """The trades from ``start`` up to, but without, ``end``, ascending."""
        trades: list[Trade] = []
        for number in range(max(start, 0) // _MINUTE, -(-end // _MINUTE)):
            minute = self.minute(number)
            trades += minute.trades[minute.before(start * 1_000) : minute.before(end * 1_000)]
        return trades

    def newest(self, now: int, count: int) -> list[Trade]:
        """The last ``count`` trades before ``now``, newest first."""
        trades: list[Trade] = []
        for number in range(now // _MINUTE, -1, -1):
            minute = self.minute(number)
            trades += reversed(minute.trades[: minute.before(now * 1_000)])
            if len(trades) >= count:
                break
        return trades[:count]

    def _traded(self, minute: int) -> bool:
        return bool(self._hour(minute // 60)[1].trades[minute % 60])

    def _make_hour(self, hour: int) -> tuple[Ints, Bars]:
        return self._minutes.numbers(hour * 60, 60), self._minutes.bars(hour * 60, 60)

    def _make_minute(self, minute: int) -> Minute:
        numbers, bars = self._hour(minute // 60)
        place = minute % 60
        return self._prints.minute(minute, int(numbers[place]), bars.at(place))
