"""The symbol source: keeps the catalogue of an exchange's symbols up to date, and says which of them are watched."""

import asyncio
from functools import partial

import structlog
from pydantic import Field

from livermore.access import AccessOptions
from livermore.clock import wall_seconds
from livermore.errors import LivermoreError, ProtocolError, Transient
from livermore.market.liquidity import scores
from livermore.market.product import Product, choose, edited, ranked, unknown
from livermore.messages import SymbolsChanged
from livermore.resources import Resources
from livermore.settings import Duration
from livermore.store import catalogue, directives, symbols
from livermore.store.directives import Directive
from livermore.store.lease import Duty
from livermore.supervision.loop_actor import LoopActor

LOOK = 1.0
"""Seconds between two looks at what operators have decided."""
RETRY = 60.0
"""Seconds of market time until the list is asked for again that could not be read."""


class SymbolOptions(AccessOptions):
    """``symbols``: which to watch, or else the best of the ``most`` traded; ``refresh``: how often to look again."""

    symbols: tuple[str, ...] = ()
    most: int = Field(100, ge=1, le=1000)
    refresh: Duration = Field(3600.0, ge=1)


class SymbolSource(LoopActor):
    """Symbols come and go while everything runs; of those that stay nothing is lost."""

    options: SymbolOptions
    resources: Resources
    emits = (SymbolsChanged,)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.symbols")
        self.duty: Duty = self.context.arguments["duty"]
        self.redis = self.keep(self.resources.async_redis(0))
        self.database = self.keep(self.resources.database())
        self.codec = self.options.codec()
        network = self.keep(self.resources.network())
        self.rest = self.options.rest(self.codec, network, self.redis, self.duty.lease.keys, self.clock)
        self.decided: Directive | None = None
        self.watched = await self.redis.run(symbols.read(self.duty.lease.keys))

    async def main(self) -> None:
        await self.inflow(self._follow())

    async def _follow(self) -> None:
        self.emit(SymbolsChanged(tuple(self.watched)))
        while True:
            pause = self.options.refresh
            try:
                await self._refresh()
            except ProtocolError as error:
                self.log.warning("the list of symbols cannot be read", exchange=self.codec.name, error=str(error))
                pause = min(pause, RETRY)
            await self._rest(wall_seconds(self.clock, pause * 1000))

    async def _rest(self, seconds: float) -> None:
        """Until it is time again, or somebody has decided otherwise."""
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 0:
            if await self._decided() != self.decided:
                return
            await asyncio.sleep(min(left, LOOK))

    async def _decided(self) -> Directive | None:
        return await directives.read(self.redis, self.database, self.duty.lease.keys, directives.SYMBOLS)

    async def _refresh(self) -> None:
        """Bring the catalogue up to date, and write down which symbols are watched."""
        self.decided = await self._decided()
        products = await self.rest.products()
        liquidity = scores(products, {p.symbol: rank for rank, p in enumerate(ranked(products), 1)})
        watched = choose(products, self.options.symbols, self.options.most, liquidity)
        if self.decided is not None:
            watched = edited(products, watched, **self.decided.value)
        self._check(products, watched)
        await self._write_catalogue(products, watched)
        await self.redis.run(symbols.write(self.duty.lease, watched))
        if watched != self.watched:
            self.log.info("symbols", exchange=self.codec.name, watched=len(watched))
            self.watched = watched
            self.emit(SymbolsChanged(tuple(watched)))

    def _check(self, products: list[Product], watched: list[str]) -> None:
        for symbol in unknown(products, self.options.symbols):
            self.log.warning("a symbol is not listed", exchange=self.codec.name, symbol=symbol)
        if not watched:
            raise LivermoreError(f"{self.codec.name} trades none of the symbols that are to be watched")

    async def _write_catalogue(self, products: list[Product], watched: list[str]) -> None:
        refresh = partial(catalogue.refresh, products=products, watched=watched, at=self.clock.now())
        try:
            await self.database.run_aside(lambda connection: refresh(connection, self.duty.lease.keys.exchange_id))
        except Transient as error:
            self.log.warning("the catalogue of symbols stays as it was", reason=str(error))
