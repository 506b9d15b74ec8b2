"""Candles that are stored: served as the bytes they are."""

from typing import Any, NamedTuple

from livermore.http.candle_page import END, Span
from livermore.http.found import Extent, Page
from livermore.market.candle import Series
from livermore.store import candles as store
from livermore.store import gaps as ledger
from livermore.store.keys import Keys
from livermore.store.query import Query
from livermore.store.redis import AsyncRedisStore


class StoredCandles(NamedTuple):
    """Of one series. The cursor is read before the candles: what it says is known is among those found.

    What was given up is read after them: whatever is older may have been found, or not.
    """

    redis: AsyncRedisStore
    keys: Keys
    series: Series

    async def page(self, span: Span, limit: int) -> Page:
        """Those within a span."""
        keys, series = self.keys, self.series
        rows = store.page(keys, series, span.first, span.last, limit + 1, newest_first=not span.up)
        (known,), found, count, oldest, gaps = await self._read(rows)
        return Page(found, known and known.kept(count, oldest), gaps)

    async def extent(self) -> Extent:
        """How far they reach."""
        (known,), last, count, oldest, gaps = await self._read(store.newest_before(self.keys, self.series, END))
        return Extent(oldest, last, count, known and known.kept(count, oldest), gaps)

    async def _read(self, query: Query[Any]) -> list[Any]:
        keys, series = self.keys, self.series
        kept: list[Query[Any]] = [store.count(keys, series), store.oldest(keys, series), ledger.of(keys, series)]
        return await self.redis.run_all([store.cursors_of(keys, [series]), query, *kept])
