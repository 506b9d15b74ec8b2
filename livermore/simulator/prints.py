"""The trades of one minute, made so that their roll-up is exactly the minute's candle."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from livermore.simulator.amounts import text_of
from livermore.simulator.bars import NOTHING, Bar
from livermore.simulator.instruments import Instrument
from livermore.simulator.noise import Floats, Ints, key, uniform
from livermore.simulator.trade import Trade

_MINUTE = 60_000_000
_DRIFT = 0.98
"""How far into its own share of the minute a trade may come: so much is left that no two fall together."""


@dataclass(frozen=True)
class Minute:
    """The trades of a minute in their order, as ticks, lots, times (microseconds UTC) and as trades."""

    ticks: list[int]
    lots: list[int]
    times: list[int]
    trades: tuple[Trade, ...]

    def before(self, at: int) -> int:
        """How many trades there were before the moment ``at`` (microseconds)."""
        return bisect_left(self.times, at)

    def bar(self, count: int) -> Bar:
        """The first ``count`` trades as one bar."""
        if not count:
            return NOTHING
        ticks = self.ticks[:count]
        return Bar(count, ticks[0], max(ticks), min(ticks), ticks[-1], sum(self.lots[:count]))


class Prints:
    """Makes the minutes of one symbol."""

    def __init__(self, seed: int, instrument: Instrument) -> None:
        self._instrument = instrument
        words = ("place", "price", "size", "time", "side")
        self._keys = {word: key(seed, instrument.symbol, "trade", word) for word in words}

    def minute(self, minute: int, number: int, bar: Bar) -> Minute:
        """The trades behind ``bar``, which has some; the first of them has ``number``."""
        ticks = self._ticks(minute, number, bar)
        times = minute * _MINUTE + self._times(number, bar.trades)
        sides = self._sides(number, ticks)
        lots = self._lots(number, bar.trades, bar.volume)
        columns = ticks.tolist(), lots.tolist(), times.tolist()
        return Minute(*columns, self._trades(number, *columns, sides))

    def _ticks(self, minute: int, number: int, bar: Bar) -> Ints:
        """From open to close with noise in between, and the extremes on two of the inner trades."""
        count, first, high, low, last, _ = bar
        line = np.linspace(first, last, count)
        noise = (self._noise("price", number, count) - 0.5) * (high - low) / 2
        ticks: Ints = np.clip(np.rint(line + noise), low, high).astype(np.int64)
        ticks[0], ticks[-1] = first, last
        if count > 3:
            ticks[self._places(minute, count)] = high, low
        elif count == 3:
            ticks[1] = high if high > max(first, last) else low
        return ticks

    def _places(self, minute: int, count: int) -> list[int]:
        """Two different indexes among the inner ones, for the high and the low."""
        one, other = uniform(self._keys["place"], 2 * minute, 2).tolist()
        inner = count - 2
        high = int(one * inner)
        return [1 + high, 1 + (high + 1 + int(other * (inner - 1))) % inner]

    def _times(self, number: int, count: int) -> Ints:
        """Ascending offsets in microseconds. None is a whole millisecond: *before* and *up to* mean the same."""
        shares = (np.arange(count) + _DRIFT * self._noise("time", number, count)) / count
        offsets: Ints = np.floor(shares * _MINUTE).astype(np.int64)
        return np.where(offsets % 1_000, offsets, offsets + 1)

    def _lots(self, number: int, count: int, volume: int) -> Ints:
        """``volume`` cut into ``count`` uneven pieces of at least one lot."""
        noise = self._noise("size", number, count)
        weights = np.cumsum(0.02 + noise * noise * noise)
        cuts: Ints = np.floor(weights / weights[-1] * (volume - count)).astype(np.int64)
        return np.diff(cuts, prepend=0) + 1

    def _sides(self, number: int, ticks: Ints) -> list[str]:
        """A price that rises was paid to a waiting seller, one that falls to a waiting buyer."""
        moves = np.diff(ticks, prepend=ticks[0])
        rises = (moves > 0) | ((moves == 0) & (self._noise("side", number, len(ticks)) < 0.5))
        return ["SELL" if rise else "BUY" for rise in rises.tolist()]

    def _trades(
        self, number: int, ticks: list[int], lots: list[int], times: list[int], sides: list[str]
    ) -> tuple[Trade, ...]:
        i = self._instrument
        rows = enumerate(zip(ticks, lots, times, sides, strict=True), number)
        return tuple(
            Trade(i.symbol, n, text_of(price, i.price_digits), text_of(size, i.size_digits), time, side)
            for n, (price, size, time, side) in rows
        )

    def _noise(self, word: str, number: int, count: int) -> Floats:
        return uniform(self._keys[word], number, count)
