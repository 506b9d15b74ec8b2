"""The exchange feed: follows an exchange's WebSocket and closes one-minute candles from its trades."""

import asyncio
from typing import Literal

import structlog
from pydantic import Field, SecretStr

from livermore import metrics
from livermore.clock import wall_seconds
from livermore.errors import ProtocolError, Transient
from livermore.exchanges.assembly import Outcome
from livermore.exchanges.codec import Codec, Sign
from livermore.market.gap import Cause
from livermore.market.timeframe import Timeframe
from livermore.messages import CandleClosed, CandleCorrected, HoleFound, TickerChanged
from livermore.plugins import find
from livermore.resources import Resources
from livermore.settings import Duration, Options
from livermore.store import symbols, ticks
from livermore.store.candle_book import CandleBook, Change
from livermore.store.candles import Known
from livermore.store.lease import Duty
from livermore.supervision.loop_actor import LoopActor, together

SHORT_LIFE = 5.0
"""A connection that lasts less than so many seconds is no reason to connect again at once."""


class Credentials(Options):
    """The exchange's API key, with which subscriptions are signed."""

    key_id: str
    private_key: SecretStr


class FeedOptions(Options):
    """``websocket_url``: another address than the exchange's own; ``grace``: how late trades may come in."""

    exchange: str = "coinbase"
    websocket_url: str = ""
    credentials: Credentials | Literal["none"] = "none"
    grace: Duration = 2.0
    ticks_every: Duration = Field(0.25, ge=0.05)


class ExchangeFeed(LoopActor):
    """What it cannot vouch for it reports as a hole; its frames are the only clock that closes a bucket."""

    options: FeedOptions
    resources: Resources
    emits = (CandleClosed, CandleCorrected, HoleFound, TickerChanged)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.feed")
        self.duty: Duty = self.context.arguments["duty"]
        self.redis = self.keep(self.resources.async_redis(0))
        self.network = self.keep(self.resources.network())
        self.codec: Codec = find("livermore.exchanges", self.options.exchange).Codec()
        metrics.begin(self.codec.name, Timeframe)
        self.symbols = await self.redis.run(symbols.read(self.duty.lease.keys))
        if not self.symbols:
            raise Transient("no symbols have been chosen yet")
        self.book = CandleBook(self.redis, self.duty.lease, self.duty.history)
        self.assembly = self.codec.assembly(self.symbols, int(self.options.grace * 1000))

    async def main(self) -> None:
        await together(self.inflow(self._listen()), self._tell_ticks())

    async def _listen(self) -> None:
        """Connect, and connect again at once where a connection that had lasted is lost: the fold bridges it."""
        while True:
            since = self.clock.monotonic()
            await self._follow()
            self.log.info("the exchange has closed the connection", exchange=self.codec.name)
            if self.clock.monotonic() - since < SHORT_LIFE:
                raise Transient(f"{self.codec.name} hangs up as soon as we connect")

    async def _follow(self) -> None:
        async with self.network.websocket(self.options.websocket_url or self.codec.websocket_url) as connection:
            self.assembly.connected(Cause.DISCONNECT)
            for message in self.codec.subscriptions(self.symbols, self._signer()):
                await connection.send(message)
            async for data in connection.frames():
                await self._take(data)

    def _signer(self) -> Sign:
        given = self.options.credentials
        if given == "none":
            return lambda: None
        sign = find("livermore.net", f"{self.codec.name}_token").sign
        return lambda: sign(given.key_id, given.private_key.get_secret_value(), self.clock.wall() // 1000)

    async def _take(self, data: str | bytes) -> None:
        metrics.FRAMES.labels(self.codec.name).inc()
        metrics.LAST_FRAME.labels(self.codec.name).set(self.clock.wall() / 1000)
        try:
            outcome = self.assembly.take(self.codec.decode(data))
        except ProtocolError as error:
            metrics.BAD_FRAMES.labels(self.codec.name).inc()
            self.log.warning("a frame cannot be read", exchange=self.codec.name, error=str(error))
            return
        self._note(outcome)
        if outcome.closed or outcome.known:
            known = [Known(series, at, at) for series, at in outcome.known]
            self._tell(await self.book.close(outcome.closed, known))
        for gap in outcome.holes:
            self.emit(HoleFound(gap.series, gap.first))

    def _note(self, outcome: Outcome) -> None:
        if outcome.gap:
            metrics.SEQUENCE_GAPS.labels(self.codec.name).inc()
        metrics.HOLES.labels(self.codec.name).inc(len(outcome.holes))
        for refusal in outcome.refusals:
            self.log.warning("the exchange refuses a message", exchange=self.codec.name, reason=refusal)

    def _tell(self, changes: list[Change]) -> None:
        for candle, new in changes:
            counter = metrics.CANDLES if new else metrics.CORRECTIONS
            counter.labels(candle.exchange, candle.timeframe).inc()
            self.emit(CandleClosed(candle) if new else CandleCorrected(candle))

    async def _tell_ticks(self) -> None:
        while True:
            await asyncio.sleep(self.options.ticks_every)
            tickers, forming = self.assembly.ticks()
            if tickers or forming:
                ttl = wall_seconds(self.clock, ticks.TTL) * 1000
                await self.redis.run(ticks.write(self.duty.lease, tickers, forming, ttl))
            for ticker in tickers:
                self.emit(TickerChanged(ticker))
