"""How many trades a symbol has: their numbers in closed form, so that no history has to be generated."""

import numpy as np

from livermore.simulator.noise import Ints, key, smooth, uniform

_JITTER = 0.4
_TIDES = ((12, 0.25), (90, 0.2), (720, 0.1))
"""Period in minutes, and how much of the clock's own slope the tide may take away or add.

Together with the jitter they stay below 1, so that the count never goes back.
"""


class Activity:
    """The trade counter of one symbol: a clock of trades that runs unevenly, at ``rate`` per minute on average."""

    def __init__(self, seed: int, symbol: str, rate: float) -> None:
        self._rate = rate
        self._jitter = key(seed, symbol, "jitter")
        self._tides = [(key(seed, symbol, "tide", period), period, slope) for period, slope in _TIDES]

    def before(self, first: int, count: int) -> Ints:
        """How many trades there were before each of ``count`` minutes from ``first`` on; never falls."""
        minutes = np.arange(first, first + count) + _JITTER * uniform(self._jitter, first, count)
        for key_, period, slope in self._tides:
            minutes += slope * period / 1.5 * smooth(key_, period, first, count)
        return np.floor(self._rate * minutes).astype(np.int64)
