"""The auditor: holds a few stored candles a minute against the exchange and against each other, and puts them right."""

import asyncio
import random
from collections.abc import Sequence
from itertools import product

import structlog
from pydantic import Field

from livermore import metrics
from livermore.access import AccessOptions
from livermore.auditing import Audit, repair
from livermore.clock import wall_seconds
from livermore.errors import ProtocolError
from livermore.market.audit import Mismatch
from livermore.market.candle import Series
from livermore.market.due import Page
from livermore.market.timeframe import Timeframe
from livermore.messages import CandleClosed, CandleCorrected
from livermore.resources import Resources
from livermore.settings import Duration
from livermore.store import symbols
from livermore.store.candle_book import CandleBook
from livermore.store.lease import Duty
from livermore.supervision.loop_actor import LoopActor


class AuditorOptions(AccessOptions):
    """``pages``: how many requests it makes ``every`` so often (market time); each holds up to a page of candles."""

    every: Duration = Field(60.0, ge=1)
    pages: int = Field(3, ge=1, le=100)


class Auditor(LoopActor):
    """Draws by lot, from the clock: whoever runs the same hour again looks at the same candles."""

    options: AuditorOptions
    resources: Resources
    emits = (CandleClosed, CandleCorrected)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.auditor")
        self.duty: Duty = self.context.arguments["duty"]
        self.redis = self.keep(self.resources.async_redis(0))
        self.codec = self.options.codec()
        metrics.begin(self.codec.name, Timeframe)
        network, keys = self.keep(self.resources.network()), self.duty.lease.keys
        rest = self.options.rest(self.codec, network, self.redis, keys, self.clock)
        self.audit = Audit(self.redis, keys, rest, self.clock, rolls_up=self.codec.rolls_up)
        self.book = CandleBook(self.redis, self.duty.lease, self.duty.history, rolls_up=self.codec.rolls_up)

    async def main(self) -> None:
        await self.inflow(self._audit_for_ever())

    async def _audit_for_ever(self) -> None:
        while True:
            await asyncio.sleep(wall_seconds(self.clock, self.options.every * 1000))
            luck = random.Random(self.clock.now())  # noqa: S311 - a sample, no secret
            for _ in range(self.options.pages):
                await self._look_at(await self._draw(luck))

    async def _draw(self, luck: random.Random) -> Page | None:
        """One page of one series; None where nothing is stored yet."""
        watched = await self.redis.run(symbols.read(self.duty.lease.keys))
        if not watched:
            return None
        series = Series(self.codec.name, *luck.choice([*product(watched, Timeframe)]))
        held = await self.audit.holding(series)
        return luck.choice(held.pages(self.codec.page)) if held is not None else None

    async def _look_at(self, page: Page | None) -> None:
        if page is None:
            return
        doubts = await self._with_rest(page)
        rolled = await self.audit.with_children(page.series, page.first, page.last)
        metrics.AUDITED.labels(*page.series[::2]).inc(rolled.checked)
        for contradiction in rolled.mismatches[:1]:  # if there are more, they are for another time
            self.log.warning("candles do not add up", mismatch=str(contradiction))
            for doubtful in contradiction.doubtful:
                doubts += await self._with_rest(doubtful)
        await self._repair(doubts)

    async def _with_rest(self, page: Page) -> list[Mismatch]:
        """Only what REST denies is ours to answer for: its own candles need not add up."""
        try:
            report = await self.audit.with_rest(page)
        except ProtocolError as error:
            self.log.warning("an answer cannot be used", series=str(page.series), error=str(error))
            return []
        metrics.AUDITED.labels(*page.series[::2]).inc(report.checked)
        metrics.MISMATCHES.labels(*page.series[::2]).inc(len(report.mismatches))
        for mismatch in report.mismatches:
            self.log.error("a stored candle is not the exchange's", mismatch=str(mismatch))
        return [*report.mismatches]

    async def _repair(self, doubts: Sequence[Mismatch]) -> None:
        for candle, new in await repair(self.book, doubts):
            counter = metrics.CANDLES if new else metrics.CORRECTIONS
            counter.labels(candle.exchange, candle.timeframe).inc()
            self.emit(CandleClosed(candle) if new else CandleCorrected(candle))
