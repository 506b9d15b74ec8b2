"""The exchange feed: follows an exchange's WebSockets, closes candles from them, and says what it cannot vouch for."""

import asyncio
from collections.abc import Sequence

import structlog
from pydantic import Field

from livermore import metrics
from livermore.access import AccessOptions
from livermore.clock import wall_seconds
from livermore.errors import ProtocolError
from livermore.exchanges.assembly import Outcome
from livermore.market.candle import Series, fault, stem
from livermore.market.due import Page, Patience
from livermore.market.fold import BUCKET
from livermore.market.gap import Cause, Gap, joined
from livermore.market.resumption import Resumption
from livermore.market.timeframe import Timeframe
from livermore.messages import CandleClosed, CandleCorrected, HoleFound, SymbolsChanged, TickerChanged
from livermore.net.line import Terms, unsigned
from livermore.net.switchboard import Switchboard
from livermore.resources import Resources
from livermore.settings import Duration
from livermore.store import candles, gaps, outage, symbols, ticks, unproven
from livermore.store.candle_book import CandleBook, Change
from livermore.store.candles import Known
from livermore.store.lease import Duty
from livermore.store.outage import OVER, Outage
from livermore.supervision.loop_actor import LoopActor, together

LOOKED_BACK = 30
"""Minutes in which trades of a silent symbol are looked for."""


class FeedOptions(AccessOptions):
    """``websocket_url``: another address than the exchange's own; ``grace``: how late news may come in, at most."""

    websocket_url: str = ""
    grace: Duration | None = None
    ticks_every: Duration = Field(0.25, ge=0.05)


class ExchangeFeed(LoopActor):
    """What it cannot vouch for it reports as a gap; the frames' own times are the only clock that closes a bucket."""

    options: FeedOptions
    resources: Resources
    accepts = (SymbolsChanged,)
    emits = (CandleClosed, CandleCorrected, HoleFound, TickerChanged)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.feed")
        self.duty: Duty = self.context.arguments["duty"]
        self.lease, keys = self.duty.lease, self.duty.lease.keys
        self.redis = self.keep(self.resources.async_redis(0))
        self.network = self.keep(self.resources.network())
        self.codec = self.options.codec()
        self.name = self.codec.name
        metrics.begin(self.name, Timeframe)
        self.keep(metrics.follow(self.name, self.context.path, self.resources.name))
        self.rest = self.options.rest(self.codec, self.network, self.redis, keys, self.clock)
        self.book = CandleBook(self.redis, self.lease, self.duty.history, rolls_up=self.codec.rolls_up)
        watched = await self.redis.run(symbols.read(keys))
        self.symbols: Sequence[str] = watched
        self.changed = asyncio.Event()
        self.outage = await self.redis.run(outage.read(keys))
        self.is_up = False
        await self._resume()
        self.switchboard = Switchboard(self._terms(), self.codec.symbols_per_connection, self.outage.cause)

    async def _resume(self) -> None:
        """Of the series that the wire tells of."""
        held = await self.redis.run(candles.cursors(self.lease.keys))
        timeframes = [BUCKET] if self.codec.rolls_up else list(Timeframe)
        every = [Series(self.name, symbol, timeframe) for symbol in self.symbols for timeframe in timeframes]
        cursors = {series: held[str(series)] for series in every if str(series) in held}
        now, history = self.clock.now(), self.duty.history
        self.resumption = Resumption(cursors, history, now, self.outage.cause, self.outage.since)
        self.begun = set(cursors)
        if self.outage == OVER:
            await self._doubt_the_end()

    def _terms(self) -> Terms:
        grace = self.options.grace or self.codec.grace
        url = self.options.websocket_url or self.codec.websocket_url
        return Terms(
            network=self.network,
            url=url,
            codec=type(self.codec),
            sign=self.options.signer(self.clock) or unsigned,
            clock=self.clock,
            grace=int(grace * 1000),
            heed=self._heed,
            is_mute=self._is_mute,
            down=self._down,
        )

    async def main(self) -> None:
        await together(self.inflow(self._listen()), self._tell_ticks())

    def receive(self, message: SymbolsChanged) -> None:
        self.symbols = message.symbols
        self.changed.set()

    async def _listen(self) -> None:
        await together(self.switchboard.run(), self._follow_symbols())

    async def _follow_symbols(self) -> None:
        while True:
            await self.switchboard.watch(self.symbols)
            await self.changed.wait()
            self.changed.clear()

    # -- what the frames say

    async def _heed(self, outcome: Outcome | ProtocolError) -> None:
        metrics.FRAMES.labels(self.name).inc()
        metrics.LAST_FRAME.labels(self.name).set(self.clock.wall() / 1000)
        if isinstance(outcome, ProtocolError):
            metrics.BAD_FRAMES.labels(self.name).inc()
            self.log.warning("a frame cannot be read", exchange=self.name, error=str(outcome))
            return
        self._note(outcome)
        if not self.is_up:
            await self._up()
        if outcome.closed or outcome.known:
            known = [Known(series, at, at) for series, at in outcome.known]
            self._tell(await self.book.close(outcome.closed, known))
        if outcome.known or outcome.holes:
            await self._report(outcome)

    def _note(self, outcome: Outcome) -> None:
        if outcome.gap:
            metrics.SEQUENCE_GAPS.labels(self.name).inc()
        metrics.HOLES.labels(self.name).inc(len(outcome.holes))
        for refusal in outcome.refusals:
            self.log.warning("the exchange refuses a message", exchange=self.name, reason=refusal)

    def _tell(self, changes: list[Change]) -> None:
        for candle, new in changes:
            counter = metrics.CANDLES if new else metrics.CORRECTIONS
            counter.labels(candle.exchange, candle.timeframe).inc()
            self.emit(CandleClosed(candle) if new else CandleCorrected(candle))

    async def _report(self, outcome: Outcome) -> None:
        """Write down what was missed; what a series misses before it begins is history, and no gap."""
        told = [*outcome.known, *((gap.series, gap.first) for gap in outcome.holes)]
        found = [*self.resumption.gaps(told), *outcome.holes]
        lasting = [gap for gap in found if gap.series in self.begun and (gap.traded or gap.cause is not Cause.UNCLOSED)]
        self.begun |= {series for series, _ in outcome.known}
        await self._tell_holes(found, lasting)

    async def _tell_holes(self, found: Sequence[Gap], lasting: Sequence[Gap] | None = None) -> None:
        """``lasting``: those of them that are written down; the others are only asked about."""
        written = found if lasting is None else lasting
        if written:
            await self.redis.run(gaps.report(self.lease, joined(written)))
        for gap in found:
            self.emit(HoleFound(gap))

    async def _up(self) -> None:
        """The wire is heard again: what was missed is known now, and from now on there is no outage."""
        self.is_up = True
        await self._tell_holes(self.resumption.begin(self.clock.now()))
        if self.outage != OVER:
            await self.redis.run(outage.write(self.lease, OVER))
            self.outage = OVER

    # -- when they say nothing

    async def _down(self) -> None:
        """The exchange cannot be reached: whoever gets through to it next shall know why it was missed."""
        if self.outage == OVER:
            await self._doubt_the_end()
            await self.redis.run(outage.write(self.lease, Outage(Cause.EXCHANGE_DOWN, self.clock.now())))

    async def _doubt_the_end(self) -> None:
        """Whoever listened may have been told nothing for a while. A candle that the exchange closes is whole."""
        if self.codec.rolls_up:
            folded = [Series(self.name, symbol, BUCKET) for symbol in self.symbols]
            await self._tell_holes(await unproven.ends(self.redis, self.lease.keys, folded))

    async def _is_mute(self, symbol: str, since: int) -> bool:
        """Whether REST knows of minutes, from before this moment (ms) on, that we do not have so; they are gaps."""
        series = Series(self.name, symbol, Timeframe.M1)
        minute = series.timeframe
        last = minute.last_closed(self.clock.now() - Patience().wire)
        first = max(minute.floor(since), last) - LOOKED_BACK * minute.ms
        held = {stem(c) for c in await self.redis.run(candles.between(self.lease.keys, series, first, last))}
        told = [c for c in await self.rest.candles(Page(series, first, last)) if fault(c) is None]
        missed = [
            Gap(series, c.open_time, c.open_time, Cause.SILENCE, traded=True) for c in told if stem(c) not in held
        ]
        await self._tell_holes(missed)
        return bool(missed)

    async def _tell_ticks(self) -> None:
        while True:
            await asyncio.sleep(self.options.ticks_every)
            tickers, forming = self.switchboard.ticks()
            metrics.GRACE.labels(self.name).set(self.switchboard.grace / 1000)
            if tickers or forming:
                ttl = wall_seconds(self.clock, ticks.TTL) * 1000
                await self.redis.run(ticks.write(self.lease, tickers, forming, ttl))
            for ticker in tickers:
                self.emit(TickerChanged(ticker))
