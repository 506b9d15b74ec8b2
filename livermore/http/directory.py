"""Which exchanges and symbols there are: read from the stores, remembered for moments, known by several spellings."""

import re
from collections.abc import Sequence
from functools import partial

from livermore.clock import Clock
from livermore.errors import Transient
from livermore.http.background import Background
from livermore.http.cached import Cached
from livermore.http.options import OneExchange
from livermore.http.refusal import not_found
from livermore.store import status, symbols
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore
from livermore.store.registry import Exchange, all_exchanges
from livermore.store.sql import Database

EXCHANGES_KEPT = 10.0
SYMBOLS_KEPT = 1.0
GRACE = 3600.0
"""Seconds for which exchanges are believed longer while SQL is down: they hardly ever change."""
_PAIR = re.compile(r"[A-Z0-9]{1,20}-[A-Z0-9]{1,20}", re.ASCII)


class Market:
    """One exchange: its row, its Redis keys, and what is watched there."""

    def __init__(self, exchange: Exchange, redis: AsyncRedisStore, clock: Clock, background: Background) -> None:
        self.exchange, self.keys = exchange, Keys(exchange.id)
        fetch = partial(redis.run, symbols.read(self.keys))
        self._symbols = Cached(fetch, lambda _: SYMBOLS_KEPT, clock.monotonic, background)
        origin = partial(redis.run, status.origin(self.keys))
        self._origin = Cached(origin, lambda _: SYMBOLS_KEPT, clock.monotonic, background)

    @property
    def name(self) -> str:
        """The word in URLs."""
        return self.exchange.name

    async def symbols(self) -> Sequence[str]:
        """What is watched, most traded first."""
        return await self._symbols.get()

    async def begun(self) -> bool:
        """Whether a pipeline has ever written anything."""
        return await self._origin.get() is not None

    async def simulated(self) -> bool:
        """Whether a simulator made the data up."""
        origin = await self._origin.get()
        return origin is not None and origin.simulated

    async def find(self, written: str) -> str | None:
        """The symbol that is written as ``BTC-USD``, ``btc/usd`` or, as on some exchanges, ``BTCUSD``."""
        wanted = written.upper().replace("/", "-")
        watched = await self.symbols()
        by_spelling = {symbol.replace("-", ""): symbol for symbol in reversed(watched)}
        return wanted if wanted in watched else by_spelling.get(wanted)

    async def symbol(self, written: str) -> str:
        """As `find`, for a parameter of a request.

        Raises:
            Refusal: nothing of that name is watched.
        """
        found = await self.find(written)
        if found is None:
            raise not_found("Symbol", "symbol")
        return found


def canonical(written: str) -> str | None:
    """A symbol in its canonical spelling, watched or not; None where this is no pair."""
    wanted = written.upper().replace("/", "-")
    return wanted if _PAIR.fullmatch(wanted) else None


class Directory:
    """Every exchange that this front may show."""

    def __init__(
        self, only: OneExchange, redis: AsyncRedisStore, database: Database, clock: Clock, background: Background
    ) -> None:
        self._only, self._database = only, database
        self._make = partial(Market, redis=redis, clock=clock, background=background)
        self._known: dict[Exchange, Market] = {}
        self._markets = Cached(
            self._fetch, lambda _: EXCHANGES_KEPT, clock.monotonic, background, grace=lambda _: GRACE
        )

    async def markets(self) -> list[Market]:
        """All of them, by id."""
        return await self._markets.get()

    async def visible(self) -> list[Market]:
        """Those that have data: SQL names many that nobody has ever read."""
        return [market for market in await self.markets() if await market.begun()]

    async def market(self, name: str) -> Market:
        """The one with this name.

        Raises:
            Refusal: there is none.
        """
        found = next((market for market in await self.markets() if market.name == name), None)
        if found is None:
            raise not_found("Exchange", "exchange")
        return found

    async def chosen(self, name: str | None) -> list[Market]:
        """The one with this name, or all."""
        return await self.markets() if name is None else [await self.market(name)]

    async def _fetch(self) -> list[Market]:
        rows = await self._database.run_aside(all_exchanges)
        shown = [row for row in rows if not self._only.name or (row.name, row.id) == (self._only.name, self._only.id)]
        if self._only.name and not shown:
            raise Transient(f"SQL knows no exchange {self._only.name} with the id {self._only.id}", retry_after=30)
        self._known = {row: self._known.get(row) or self._make(row) for row in shown}
        return list(self._known.values())


async def simulated(markets: Sequence[Market]) -> bool:
    """Whether any of the data are."""
    return any([await market.simulated() for market in markets])
