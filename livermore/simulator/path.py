"""Where a symbol's price goes: noise on every scale from minutes to a year and, if scripted, an oscillation."""

import math

import numpy as np

from livermore.simulator.instruments import Instrument
from livermore.simulator.noise import Floats, Ints, ease, exponential, key, smooth

SWING = 40
"""Minutes from crest to crest of the scripted oscillation.

An indicator of 12 and 26 minutes in units of the mean minute reaches 175 with 24 minutes, which is not enough to cross
its levels in time, and about 340 with 40.
"""

_OCTAVES = tuple(3**k for k in range(1, 13))
_DAY = 1_440
_LAG_PERIOD, _LAG = 90, 2.0
"""How long the oscillation takes to drift from early to late, and how much that is at most, both in minutes."""


class Path:
    """The price of one symbol at the start of every minute."""

    def __init__(self, seed: int, instrument: Instrument) -> None:
        self._instrument = instrument
        self._origin = instrument.price * 10**instrument.price_digits
        self._octaves = [
            (key(seed, instrument.symbol, "octave", period), period, _height(instrument, period)) for period in _OCTAVES
        ]
        self._lag_key = key(seed, instrument.symbol, "lag")
        self._strength_key = key(seed, instrument.symbol, "strength")

    def ticks(self, first: int, count: int) -> Ints:
        """The price in ticks at the start of ``count`` minutes from ``first`` on."""
        x = np.zeros(count)
        for key_, period, height in self._octaves:
            x += height * (smooth(key_, period, first, count) - 0.5)
        if self._instrument.swing:
            x += self._swing(first, count)
        ticks: Ints = np.maximum(np.rint(self._origin * exponential(x)), 1).astype(np.int64)
        return ticks

    def _swing(self, first: int, count: int) -> Floats:
        """The oscillation: it comes a little early or late, and now stronger, now weaker."""
        lag = _LAG * (smooth(self._lag_key, _LAG_PERIOD, first, count) - 0.5)
        turns = (np.arange(first, first + count) + lag) / SWING + self._instrument.phase
        wave = 2 * ease(np.abs(2 * (turns - np.floor(turns)) - 1)) - 1
        strength: Floats = 0.8 + 0.4 * smooth(self._strength_key, _LAG_PERIOD, first, count)
        return self._instrument.swing * strength * wave


def _height(instrument: Instrument, period: int) -> float:
    """How far noise of this period goes from low to high: as in a random walk, with the root of time."""
    return 2 * instrument.volatility * math.sqrt(period / _DAY)
