"""What is known of the series that are watched: how far, what is in doubt, how many candles there are."""

from collections.abc import Sequence

from livermore.market.candle import Series
from livermore.market.cursor import Cursor
from livermore.market.due import State
from livermore.market.gap import Gap
from livermore.store import candles, gaps
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore


class Coverage:
    """Reads it anew each time, but for counts that can only grow."""

    def __init__(self, redis: AsyncRedisStore, keys: Keys, exchange: str, enough: int) -> None:
        """``enough``: so many candles of a series need not be counted again."""
        self._redis, self._keys, self._exchange, self._enough = redis, keys, exchange, enough
        self._rich: set[Series] = set()

    async def read(self, series: Sequence[Series], doubts: Sequence[Gap]) -> dict[Series, State]:
        """The state of each series, in their order, with those of the doubts that are its own."""
        cursors = await self._redis.run(candles.cursors(self._keys))
        theirs: dict[Series, list[Gap]] = {}
        for gap in doubts:
            theirs.setdefault(gap.series, []).append(gap)
        known = {one: cursors.get(str(one)) for one in series}
        counts = await self._count(known)
        return {one: State(cursor, theirs.get(one, ()), counts.get(one)) for one, cursor in known.items()}

    async def doubts(self) -> list[Gap]:
        """The gaps that REST has not spoken of, also of series that are not watched any more."""
        return await self._redis.run(gaps.doubts(self._keys, self._exchange))

    async def _count(self, known: dict[Series, Cursor | None]) -> dict[Series, int]:
        asked = [one for one, cursor in known.items() if cursor is not None and one not in self._rich]
        found = await self._redis.run_all([candles.count(self._keys, one) for one in asked])
        counts = dict(zip(asked, found, strict=True))
        self._rich |= {one for one, count in counts.items() if count >= self._enough}
        return counts
