"""The boundary poller: asks the exchange's REST service for all that is due, and for nothing else."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product

import structlog
from pydantic import Field

from livermore import metrics
from livermore.access import AccessOptions
from livermore.clock import wall_seconds
from livermore.errors import ProtocolError
from livermore.market.candle import Series
from livermore.market.due import WIRED, Need, Page, Patience, State, due, reaching_back
from livermore.market.timeframe import Timeframe
from livermore.market.trust import LAG, Trusted, reach, trusted
from livermore.messages import CandleClosed, CandleCorrected, HistoryChanged, HoleFound, SymbolsChanged, WarmedUp
from livermore.net.exchange_time import ExchangeTime
from livermore.resources import Resources
from livermore.store import candles, symbols, warmup
from livermore.store.candle_book import CandleBook, Change, quarantined
from livermore.store.candles import Known
from livermore.store.coverage import Coverage
from livermore.store.gap_book import GapBook
from livermore.store.lease import Duty
from livermore.store.warmup import Progress
from livermore.supervision.loop_actor import LoopActor, together

AT_ONCE = 6
"""Requests under way at the same time: enough to use the allowed rate over a slow line."""
SHORTEST_REST, LONGEST_REST = 15_000, 600_000
"""How long (ms of market time) a series is left alone whose answers cannot be used: at first, and in the end."""


class PollerOptions(AccessOptions):
    """``warmup``: how many buckets a series begins with."""

    warmup: int = Field(350, ge=26, le=1000)


class BoundaryPoller(LoopActor):
    """Warm-up, confirmation at boundaries and repair of holes are all the same to it: pages that are due."""

    options: PollerOptions
    resources: Resources
    accepts = (HoleFound, SymbolsChanged)
    emits = (CandleClosed, CandleCorrected, HistoryChanged, WarmedUp)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.poller")
        self.duty: Duty = self.context.arguments["duty"]
        self.lease, keys = self.duty.lease, self.duty.lease.keys
        self.redis = self.keep(self.resources.async_redis(0))
        self.codec = self.options.codec()
        self.keep(metrics.follow(self.codec.name, self.context.path, self.resources.name))
        self.rest = self.options.rest(self.codec, self.keep(self.resources.network()), self.redis, keys, self.clock)
        self.time = ExchangeTime(self.codec.name, self.rest, self.clock)
        self.book = CandleBook(self.redis, self.lease, self.duty.history, rolls_up=self.codec.rolls_up)
        self.gaps = GapBook(self.redis, self.lease)
        self.patience = Patience(page=self.codec.page, warmup=self.options.warmup, history=self.duty.history)
        self.coverage = Coverage(self.redis, keys, self.codec.name, self.patience.observed)
        self.progress = Progress(keys.exchange_id, self.clock.now())
        self.missed: dict[Series, int] = {}  # by series, the newest bucket that the wire could not vouch for
        self.states: dict[Series, State] = {}
        self.resting: dict[Series, int] = {}  # series that are not asked about before a moment (ms)
        self.told = 0  # up to which moment (ms) answers reach
        self.failures: Counter[Series] = Counter()
        self.woken = asyncio.Event()
        watched = await self.redis.run(symbols.read(keys))
        self.series = self._series(watched)

    async def main(self) -> None:
        await self.inflow(self._poll())

    def receive(self, message: HoleFound | SymbolsChanged) -> None:
        if isinstance(message, SymbolsChanged):
            self.series = self._series(message.symbols)
        else:
            self.missed[message.series] = max(message.gap.last, self.missed.get(message.series, 0))
            if message.gap.traded:
                self._end_rest(message.series.symbol)
        self.woken.set()

    def _series(self, watched: Sequence[str]) -> list[Series]:
        return [Series(self.codec.name, symbol, timeframe) for timeframe, symbol in product(Timeframe, watched)]

    async def _poll(self) -> None:
        while True:
            self.woken.clear()
            await self.time.ask()
            pages = await self._due()
            await self._tell_progress(pages)
            if pages:
                await self._settle_some(pages)
            else:
                await self._wait()

    async def _due(self) -> list[Page]:
        now = self.time.now()
        doubts = await self.gaps.review(await self.coverage.doubts(), set(self.series), now)
        found = await self.coverage.read(self.series, doubts)
        self.states = {s: replace(state, missed=self.missed.get(s, 0)) for s, state in found.items()}
        self.missed = {s: at for s, at in self.missed.items() if not self._knows(s, at)}
        pages = due(self.states, now, self.patience)
        return [page for page in pages if self.resting.get(page.series, 0) <= now and self.gaps.may_ask(page, now)]

    def _knows(self, series: Series, open_time: int) -> bool:
        state = self.states.get(series)
        return state is None or (state.cursor is not None and state.cursor.through >= open_time)

    async def _tell_progress(self, pages: Sequence[Page]) -> None:
        if self.progress.is_complete:
            return
        stats = self.progress.note(self.series, pages, self.clock.now())
        await self.redis.run(warmup.write(self.lease, stats))
        self.emit(WarmedUp(stats.percent_complete, stats.total_symbols, stats.eta_ms))

    async def _settle_some(self, pages: Sequence[Page]) -> None:
        chosen: dict[Series, Page] = {}
        for page in pages:
            chosen.setdefault(page.series, page)
        await together(*map(self._settle, list(chosen.values())[:AT_ONCE]), until=asyncio.FIRST_EXCEPTION)

    async def _settle(self, page: Page) -> None:
        """Ask for one page, and store what it says of every bucket in it."""
        page = await self._from_last_trade(page)
        try:
            found = await self.rest.candles(page)
        except ProtocolError as error:
            self._let_rest(page.series, str(error))
            return
        metrics.PAGES.labels(self.codec.name, page.series.timeframe).inc()
        metrics.LAST_PAGE.labels(self.codec.name).set(self.clock.wall() / 1000)
        now = self.time.now()
        kept = trusted(page, found, now, now if self.codec.tells_empty else self.told)
        self.told = max(self.told, reach(kept.candles))
        if any(map(quarantined, kept.refused)) and kept.page != page:
            self._let_rest(page.series, "a candle cannot be true")
        else:
            self.failures.pop(page.series, None)
            self._wait_for_rest(page, kept)
        if kept.page is not None:
            await self._store(kept.page, kept)

    def _end_rest(self, symbol: str) -> None:
        """It is traded, as one that was not listed for a while may be again: answers about it may be of use."""
        for series in [series for series in self.resting if series.symbol == symbol]:
            del self.resting[series]
            self.failures.pop(series, None)

    def _wait_for_rest(self, page: Page, kept: Trusted) -> None:
        """Of the newest buckets nothing was told, which says little until answers have had the time to come up."""
        step = page.series.timeframe.ms
        unsettled = page.first if kept.page is None else kept.page.last + step
        if unsettled <= page.last:
            self.resting[page.series] = unsettled + step + LAG

    async def _from_last_trade(self, page: Page) -> Page:
        cursor = self.states[page.series].cursor
        if cursor is None or page.need is not Need.NEWS or page.series.timeframe not in WIRED:
            return page
        traded = await self.redis.run(candles.newest_before(self.lease.keys, page.series, page.first))
        return page if traded is None else reaching_back(page, cursor, traded, self.patience)

    async def _store(self, page: Page, kept: Trusted) -> None:
        known = Known(page.series, page.first, page.last, rest=True, anew=page.fresh)
        changes = await self.book.close(kept.candles, [known], news=not page.is_history)
        self._tell(page, changes)
        state = self.states[page.series]
        await self.gaps.judge(page, kept, changes, state, self.time.now())

    def _tell(self, page: Page, changes: Sequence[Change]) -> None:
        """Of history only that there is some."""
        for candle, new in changes:
            counter = metrics.CANDLES if new else metrics.CORRECTIONS
            counter.labels(candle.exchange, candle.timeframe).inc()
            if not (page.is_history and new):
                self.emit(CandleClosed(candle) if new else CandleCorrected(candle))
        if page.is_history:
            self.emit(HistoryChanged(page.series))

    def _let_rest(self, series: Series, reason: str) -> None:
        """One series that cannot be read (it is delisted, say) keeps no other from being asked about."""
        self.failures[series] += 1
        pause = min(LONGEST_REST, SHORTEST_REST * 2 ** (self.failures[series] - 1))
        self.resting[series] = self.time.now() + pause
        metrics.BAD_ANSWERS.labels(self.codec.name).inc()
        self.log.warning("an answer cannot be used", series=str(series), reason=reason, again_in_ms=pause)

    async def _wait(self) -> None:
        """Until a hole is reported, or it is worth looking again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wall_seconds(self.clock, 1000 if self.missed else 5000)):
                await self.woken.wait()
