"""What is outstanding: candles that are over and not stored yet as they were traded."""

from itertools import product

from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.store import candles
from livermore.store.redis import RedisStore
from tests.support.world import World

SETTLED = 5_000
"""Milliseconds after its end in which a bucket need not be stored yet."""


class Outstanding:
    """Looks at nothing twice that was found in order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = RedisStore(world.redis)
        now = world.clock.now()
        series = [
            Series(world.dialect.name, symbol, timeframe) for symbol, timeframe in product(world.symbols, Timeframe)
        ]
        self._through = {one: one.timeframe.last_closed(now) for one in series}
        self._missing: dict[Series, list[int]] = {one: [] for one in series}

    def look(self) -> list[tuple[Series, int]]:
        """Series and open times (ms)."""
        for series in self._through:
            missing = self._missing[series] + self._newly_over(series)
            self._missing[series] = self._still(series, missing) if missing else []
        return [(series, at) for series, missing in self._missing.items() for at in missing]

    def close(self) -> None:
        """Give the connection back."""
        self._store.close()

    def _newly_over(self, series: Series) -> list[int]:
        first = self._through[series] + series.timeframe.ms
        last = series.timeframe.last_closed(self._world.clock.now() - SETTLED)
        if last < first:
            return []
        self._through[series] = last
        return [c.open_time for c in self._world.truth(series.symbol, series.timeframe, first, last)]

    def _still(self, series: Series, missing: list[int]) -> list[int]:
        found = self._store.run(candles.between(self._world.keys, series, missing[0], missing[-1]))
        held = {c.open_time: c for c in found}
        truth = self._world.truth(series.symbol, series.timeframe, missing[0], missing[-1])
        return [c.open_time for c in truth if c.open_time in missing and not self._is(c, held.get(c.open_time))]

    def _is(self, truth: Candle, held: Candle | None) -> bool:
        if held is None:
            return False
        return same(truth, held) or any(
            same(version, held) for version in self._world.market.versions(truth, self._world.clock.now())
        )


def same(one: Candle, other: Candle) -> bool:
    """Whether two candles say the same, whatever their revisions."""
    return contents(one) == contents(other)


def contents(candle: Candle) -> tuple[str, ...]:
    """What a candle says."""
    return candle.open, candle.high, candle.low, candle.close, candle.volume
