"""The minutes of one symbol: how many trades each has, and the candle that they make."""

import numpy as np

from livermore.simulator.activity import Activity
from livermore.simulator.bars import Bars
from livermore.simulator.instruments import Instrument
from livermore.simulator.noise import Floats, Ints, key, uniform
from livermore.simulator.path import Path


class Minutes:
    """All minutes of one symbol, counted from the epoch.

    A minute's volume stays below 10^14 lots, so that even a year of them is far from the end of 64 bits.
    """

    def __init__(self, seed: int, instrument: Instrument) -> None:
        self._activity = Activity(seed, instrument.symbol, instrument.rate)
        self._path = Path(seed, instrument)
        self._wick = 0.01 * instrument.volatility
        self._lots = instrument.size * 10**instrument.size_digits
        self._keys = {word: key(seed, instrument.symbol, word) for word in ("gap", "up", "down", "side", "volume")}

    def numbers(self, first: int, count: int) -> Ints:
        """The number of the first trade at or after the start of each of ``count`` minutes from ``first`` on."""
        return self._activity.before(first, count)

    def bars(self, first: int, count: int) -> Bars:
        """The candles of ``count`` minutes from ``first`` on."""
        trades = np.diff(self.numbers(first, count + 1))
        path = self._path.ticks(first, count + 1)
        close = path[1:]
        gap = np.floor(3 * self._noise("gap", first, count)).astype(np.int64) - 1
        open_ = np.where(trades > 1, np.maximum(path[:-1] + gap, 1), close)
        up, down = self._wicks(first, close, trades)
        high, low = np.maximum(open_, close) + up, np.maximum(np.minimum(open_, close) - down, 1)
        return Bars(trades, open_, high, low, close, self._volume(first, trades))

    def _wicks(self, first: int, price: Ints, trades: Ints) -> tuple[Ints, Ints]:
        """How far the price went beyond open and close. Three trades leave room for one wick, two for none."""
        up, down = (self._wick_of(word, first, price) for word in ("up", "down"))
        upwards = self._noise("side", first, len(trades)) < 0.5
        roomy, one = trades > 3, trades == 3
        return np.where(roomy | (one & upwards), up, 0), np.where(roomy | (one & ~upwards), down, 0)

    def _wick_of(self, word: str, first: int, price: Ints) -> Ints:
        noise = self._noise(word, first, len(price))
        wick: Ints = np.floor(price * self._wick * noise * noise).astype(np.int64)
        return wick

    def _volume(self, first: int, trades: Ints) -> Ints:
        """At least a lot for each trade, typically the usual size, at times three times that."""
        noise = self._noise("volume", first, len(trades))
        share = 0.2 + 3.2 * noise * noise * noise
        lots: Ints = trades + np.floor(trades * self._lots * share).astype(np.int64)
        return lots

    def _noise(self, word: str, first: int, count: int) -> Floats:
        return uniform(self._keys[word], first, count)
