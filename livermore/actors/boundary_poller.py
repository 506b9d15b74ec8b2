"""The boundary poller: asks the exchange's REST service for all that is due, and for nothing else."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from itertools import product

import structlog
from pydantic import Field

from livermore import metrics
from livermore.clock import wall_seconds
from livermore.errors import LivermoreError, Transient
from livermore.exchanges.codec import Codec
from livermore.market.candle import Series
from livermore.market.cursor import Cursor
from livermore.market.due import Page, Patience, due
from livermore.market.product import choose
from livermore.market.timeframe import Timeframe
from livermore.messages import CandleClosed, CandleCorrected, HistoryChanged, HoleFound, WarmedUp
from livermore.net.rest import ExchangeRest
from livermore.plugins import find
from livermore.resources import Resources
from livermore.settings import Options
from livermore.store import candles, catalogue, symbols
from livermore.store.candle_book import CandleBook
from livermore.store.candles import Known
from livermore.store.lease import Duty
from livermore.store.limiter import Limiter
from livermore.supervision.loop_actor import LoopActor, together

AT_ONCE = 4
"""Requests under way at the same time: enough to use the allowed rate over a slow line."""


class PollerOptions(Options):
    """``rest_url``: another address than the exchange's own; ``symbols``: which to watch, or else the ``most`` traded.

    ``warmup``: how many candles a series begins with.
    """

    exchange: str = "coinbase"
    rest_url: str = ""
    requests_per_second: float = Field(8, gt=0, le=1000)
    symbols: tuple[str, ...] = ()
    most: int = Field(100, ge=1, le=1000)
    warmup: int = Field(350, ge=26, le=1000)


class BoundaryPoller(LoopActor):
    """Warm-up, confirmation at boundaries and repair of holes are all the same to it: pages that are due."""

    options: PollerOptions
    resources: Resources
    accepts = (HoleFound,)
    emits = (CandleClosed, CandleCorrected, HistoryChanged, WarmedUp)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.poller")
        self.duty: Duty = self.context.arguments["duty"]
        self.keys = self.duty.lease.keys
        self.redis = self.keep(self.resources.async_redis(0))
        self.codec: Codec = find("livermore.exchanges", self.options.exchange).Codec()
        limiter = Limiter(self.redis, self.keys, self.clock, self.options.requests_per_second)
        network = self.keep(self.resources.network())
        self.rest = ExchangeRest(network, self.options.rest_url or self.codec.rest_url, self.codec, limiter)
        self.book = CandleBook(self.redis, self.duty.lease, self.duty.history)
        self.patience = Patience(page=self.codec.page, warmup=self.options.warmup, history=self.duty.history)
        self.holes: list[HoleFound] = []
        self.urgent: dict[Series, int] = {}
        self.recheck: list[Page] = []
        self.woken = asyncio.Event()
        self.series = await self._choose()

    async def main(self) -> None:
        await self.inflow(self._poll())

    async def _poll(self) -> None:
        await self._warm_up_history()
        while True:
            self.woken.clear()
            pages = await self._due()
            if pages:
                await self._settle_some(pages)
            else:
                await self._wait()

    def receive(self, message: HoleFound) -> None:
        self.holes.append(message)
        self.woken.set()

    async def _choose(self) -> list[Series]:
        """Bring the catalogue up to date, and write down which symbols are watched."""
        products = await self.rest.products()
        watched = choose(products, self.options.symbols, self.options.most)
        if not watched:
            raise LivermoreError(f"{self.codec.name} trades none of the symbols that are to be watched")
        refresh = partial(catalogue.refresh, products=products, watched=watched, at=self.clock.now())
        try:
            database = self.keep(self.resources.database())
            await database.run_aside(lambda connection: refresh(connection, self.keys.exchange_id))
        except Transient as error:
            self.log.warning("the catalogue of symbols stays as it was", reason=str(error))
        await self.redis.run(symbols.write(self.duty.lease, watched))
        return [Series(self.codec.name, symbol, timeframe) for timeframe, symbol in product(Timeframe, watched)]

    async def _warm_up_history(self) -> None:
        most, watched = 0, len(self.series) // len(Timeframe)
        while pages := await self._due():
            most = max(most, len(pages))
            self.emit(WarmedUp(100 * (1 - len(pages) / most), watched))
            await self._settle_some(pages)
        self.emit(WarmedUp(100, watched))

    async def _due(self) -> list[Page]:
        held = await self.redis.run(candles.cursors(self.keys))
        cursors = {series: held.get(str(series)) for series in self.series}
        now = self.clock.now()
        self._sort_holes(cursors)
        return [*self.recheck, *due(cursors, now, self.patience, self.urgent.keys())]

    def _sort_holes(self, cursors: Mapping[Series, Cursor | None]) -> None:
        """A hole in what was known already has to be asked about again; any other makes its series urgent."""
        for hole in self.holes:
            cursor = cursors.get(hole.series)
            if cursor is not None and cursor.through >= hole.open_time:
                self.recheck.append(Page(hole.series, hole.open_time, hole.open_time))
            else:
                self.urgent[hole.series] = max(hole.open_time, self.urgent.get(hole.series, 0))
        self.holes.clear()
        self.urgent = {s: at for s, at in self.urgent.items() if (c := cursors.get(s)) is None or c.through < at}

    async def _settle_some(self, pages: list[Page]) -> None:
        chosen: dict[Series, Page] = {}
        for page in pages:
            chosen.setdefault(page.series, page)
        await together(*map(self._settle, list(chosen.values())[:AT_ONCE]), until=asyncio.FIRST_EXCEPTION)
        self.recheck = [page for page in self.recheck if chosen.get(page.series) != page]

    async def _settle(self, page: Page) -> None:
        """Ask for one page, and store what it says of every bucket in it."""
        found = await self.rest.candles(page)
        metrics.PAGES.labels(self.codec.name, page.series.timeframe).inc()
        metrics.LAST_PAGE.labels(self.codec.name).set(self.clock.wall() / 1000)
        known = Known(page.series, page.first, page.last, rest=True, anew=page.fresh)
        for candle, new in await self.book.close(found, [known], news=not page.fresh):
            counter = metrics.CANDLES if new else metrics.CORRECTIONS
            counter.labels(candle.exchange, candle.timeframe).inc()
            if not (page.fresh and new):
                self.emit(CandleClosed(candle) if new else CandleCorrected(candle))
        if page.fresh:
            self.emit(HistoryChanged(page.series))

    async def _wait(self) -> None:
        """Until a hole is reported, or it is worth looking again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wall_seconds(self.clock, 1000 if self.urgent else 5000)):
                await self.woken.wait()
