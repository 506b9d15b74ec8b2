"""The klines of one symbol: its bars with their numbers of trades, and flat ones where nobody traded."""

from collections.abc import Iterator
from functools import lru_cache

from livermore.simulator.amounts import text_of
from livermore.simulator.bars import Bar, Bars
from livermore.simulator.history import DAY, History
from livermore.simulator.instruments import Instrument
from livermore.simulator.kline import Kline
from livermore.simulator.minutes import Minutes
from livermore.simulator.statistics import Statistics
from livermore.simulator.tape import Tape

_MINUTE = 60_000


class Klines:
    """Places and sizes are minutes, times ms UTC. Before the first trade ever there is no kline."""

    def __init__(
        self, instrument: Instrument, minutes: Minutes, tape: Tape, history: History, statistics: Statistics
    ) -> None:
        self._instrument, self._minutes, self._tape = instrument, minutes, tape
        self._history, self._statistics = history, statistics
        self._number = lru_cache(64)(self._make_number)

    def between(self, size: int, first: int, last: int, now: int) -> list[Kline]:
        """Those that opened from the place ``first`` to ``last``, both included, as they stand at ``now``."""
        places, bars = self._history.bars(size, first, last, now)
        return list(self._listed(int(places[0]), size, bars)) if len(places) else []

    def day(self, now: int) -> Kline | None:
        """The last 24 hours: the minute of ``now`` and the 1,439 before it. None before the first trade."""
        place = max(now // _MINUTE - DAY + 1, 0)
        newest = self._tape.newest(now, 1)
        price = newest[0].price if newest else None
        return self._kline(place, DAY, self._statistics.last_24_hours(now), self._number(place), price)

    def _listed(self, place: int, size: int, bars: Bars) -> Iterator[Kline]:
        number, before = self._number(place), self._tape.newest(place * _MINUTE, 1)
        price = before[0].price if before else None
        for index in range(len(bars.trades)):
            kline = self._kline(place + index * size, size, bars.at(index), number, price)
            if kline is not None:
                number, price = number + kline.trades, kline.close
                yield kline

    def _kline(self, place: int, size: int, bar: Bar, number: int, price: str | None) -> Kline | None:
        """``price``: what a bar without trades stands at."""
        i = self._instrument
        start, last = place * _MINUTE, (place + size) * _MINUTE - 1
        if bar.trades:
            o, h, l, c = (text_of(ticks, i.price_digits) for ticks in bar[1:5])  # noqa: E741 - OHLC
            volume = text_of(bar.volume, i.size_digits)
            return Kline(i.symbol, start, last, o, h, l, c, volume, number, bar.trades)
        return None if price is None else Kline(i.symbol, start, last, price, price, price, price, "0", number, 0)

    def _make_number(self, place: int) -> int:
        """The number of the first trade from ``place`` on. Who follows a kline asks again and again."""
        return int(self._minutes.numbers(place, 1)[0])
