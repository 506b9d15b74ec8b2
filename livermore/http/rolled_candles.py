"""Candles that are made when they are asked for, of smaller ones that are stored."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

import msgspec

from livermore.http.candle_page import END, START, Span
from livermore.http.found import Extent, Page
from livermore.market.candle import Series, from_json
from livermore.market.cursor import Cursor as Known
from livermore.market.rollup import rolled
from livermore.market.timeframe import Rolled
from livermore.store import candles as store
from livermore.store import gaps as ledger
from livermore.store.gaps import PublicGap
from livermore.store.keys import Keys
from livermore.store.query import Query
from livermore.store.redis import AsyncRedisStore

T = TypeVar("T")


class RolledCandles(NamedTuple):
    """Of one symbol, each made of all its parts: where one of them is not known, there is no candle."""

    redis: AsyncRedisStore
    keys: Keys
    parts: Series
    whole: Rolled

    async def page(self, span: Span, limit: int) -> Page:
        """Those within a span.

        There is room for the parts of one bucket more. The first may have lost some that are no longer kept, and goes;
        the last may be cut off, and only tells that there is more.
        """
        room = (limit + 1) * (self.whole.ms // self.whole.part.ms)

        def query(first: int, last: int) -> Query[list[bytes]]:
            return store.page(self.keys, self.parts, first, last, room, newest_first=not span.up)

        known, found, gaps = await self._read(span, query)
        return Page(self._made(found, known, up=span.up)[: limit + 1], known, gaps)

    async def extent(self) -> Extent:
        """How far they reach."""

        def query(first: int, last: int) -> Query[list[int]]:
            return store.opens(self.keys, self.parts, first, last)

        known, found, gaps = await self._read(Span(up=True, falling=False, first=START, last=END), query)
        places = sorted({self.whole.floor(at) for at in found if known is not None and at >= known.since})
        first, last = (places[0], places[-1]) if places else (None, None)
        return Extent(first, last, len(places), known, gaps)

    async def _read(
        self, span: Span, query: Callable[[int, int], Query[list[T]]]
    ) -> tuple[Known | None, list[T], list[PublicGap]]:
        """How far buckets are known, what is found of their parts, and the gaps of these.

        The cursor is read before the parts: what it says is known is among those found. What is kept is read after
        them: whatever is older may have been found, or not.
        """
        (held,) = await self.redis.run(store.cursors_of(self.keys, [self.parts]))
        known = held and held.rolled(self.whole)
        if held is None or known is None:
            return None, [], []
        first = max(self.whole.ceiling(span.first), known.since)
        last = min(self.whole.floor(span.last), known.through) + self.whole.ms - 1
        kept: list[Query[Any]] = [store.count(self.keys, self.parts), store.oldest(self.keys, self.parts)]
        queries = [query(first, last), *kept, ledger.of(self.keys, self.parts)]
        found, count, oldest, gaps = await self.redis.run_all(queries)
        return held.kept(count, oldest).rolled(self.whole), found, gaps

    def _made(self, found: Sequence[bytes], known: Known | None, *, up: bool) -> list[bytes]:
        """The rows that are made of parts, which ascend or descend as the rows do."""
        groups = [list(group) for _, group in groupby(map(from_json, found), lambda c: self.whole.floor(c.open_time))]
        sure = [group for group in groups if known is not None and group[0].open_time >= known.since]
        return [msgspec.json.encode(rolled(group if up else group[::-1], self.whole)) for group in sure]
