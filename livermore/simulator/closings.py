"""When Binance says that a kline is closed: some time after it is, and sometimes not at all (`exchanges.md` 3)."""

import numpy as np

from livermore.market.timeframe import Timeframe
from livermore.simulator.noise import key, uniform

SOONEST, LATEST = 5, 2_005
"""Delays (ms) of closing frames as measured on four exchanges."""
PUSH = 2_000
"""How often (ms) an open kline is told of."""

_SILENT = 0.5
"""The share of klines without trades that nobody hears of: measured were three of four on one exchange, none on
another."""


class Closings:
    """The closing frames of one symbol and timeframe; a bucket is named by its open time (ms UTC)."""

    def __init__(self, seed: int, symbol: str, timeframe: Timeframe) -> None:
        self._timeframe = timeframe
        self._delay, self._silence = (key(seed, symbol, timeframe, word) for word in ("delay", "silence"))
        self.phase = int(PUSH * uniform(key(seed, symbol, timeframe, "push"), 0, 1)[0])
        """Where in every `PUSH` ms an open kline is told of."""

    def at(self, start: int) -> int:
        """When (ms UTC) the closing frame of a bucket is sent."""
        return start + self._timeframe.ms + SOONEST + int((LATEST - SOONEST + 1) * self._noise(self._delay, start))

    def silent(self, start: int) -> bool:
        """Whether nobody hears of a bucket if it has no trades."""
        return self._noise(self._silence, start) < _SILENT

    def _noise(self, key_: np.uint64, start: int) -> float:
        return float(uniform(key_, start // self._timeframe.ms, 1)[0])
