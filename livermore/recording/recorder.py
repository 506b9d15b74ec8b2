"""The recorder: writes down every frame of a WebSocket, and what REST says of each bucket once it is over."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from livermore import __version__
from livermore.clock import Clock, wall_seconds
from livermore.errors import ProtocolError, Transient
from livermore.exchanges.codec import Codec
from livermore.market.candle import Candle, Series
from livermore.market.cursor import Cursor
from livermore.market.due import Page, Patience, State, due
from livermore.market.timeframe import Timeframe
from livermore.net.interface import Network
from livermore.net.rest import ExchangeRest, candles_of
from livermore.recording.file import Writer
from livermore.recording.lines import Answered, Closed, Connected, Header, Line, Received, Sent, encode, seconds
from livermore.supervision.loop_actor import together

NOTHING = 2**62
"""The wire vouches for nothing before this moment (ms): REST is asked about every bucket."""
AGAIN = 2
"""Buckets that the next request asks about once more: REST lags, and corrects itself."""
FLUSH_EVERY = 1.0
AWAY = 1.0
"""Wall seconds before a lost connection is made again, at least."""


class Recorder:
    """``tell``: takes what goes wrong, for people. It goes on until it is cancelled."""

    def __init__(
        self,
        codec: Codec,
        symbols: Sequence[str],
        network: Network,
        rest: ExchangeRest,
        websocket_url: str,
        writer: Writer,
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self._codec, self._symbols, self._network, self._rest = codec, symbols, network, rest
        self._url, self._writer, self._clock, self._tell = websocket_url, writer, clock, tell
        series = (Series(codec.name, symbol, timeframe) for timeframe, symbol in product(Timeframe, symbols))
        self._states = dict.fromkeys(series, State(missed=NOTHING))
        self.frames = self.answers = 0

    async def run(self) -> None:
        """Record."""
        self._write(Header(self._codec.name, list(self._symbols), __version__, self._now()))
        await together(self._listen(), self._ask(), self._flush())

    async def _listen(self) -> None:
        while True:
            wait = AWAY
            try:
                await self._follow()
            except Transient as error:
                self._tell(str(error))
                wait = max(AWAY, error.retry_after)
            self._write(Closed(self._now()))
            await asyncio.sleep(wait)

    async def _follow(self) -> None:
        async with self._network.websocket(self._url) as connection:
            self._write(Connected(self._now()))
            for message in self._codec.subscriptions(self._symbols, lambda: None):
                self._write(Sent(self._now(), message))
                await connection.send(message)
            async for data in connection.frames():
                self.frames += 1
                self._write(Received(self._now(), data if isinstance(data, str) else data.decode(errors="replace")))

    async def _ask(self) -> None:
        while True:
            try:
                for page in self._due():
                    await self._ask_about(page)
            except (Transient, ProtocolError) as error:
                self._tell(str(error))
                await asyncio.sleep(getattr(error, "retry_after", AWAY))
            await asyncio.sleep(wall_seconds(self._clock, 1000))

    async def _ask_about(self, page: Page) -> None:
        body = await self._rest.answer(page)
        found = candles_of(self._codec, page, body)
        span = (page.first, page.last, page.is_history, page.fresh)
        self._write(Answered(self._now(), page.series.symbol, page.series.timeframe, *span, body.decode()))
        self._states[page.series] = _after(self._states[page.series], page, found)
        self.answers += 1

    def _due(self) -> list[Page]:
        """What the poller would ask if the wire could vouch for nothing."""
        pages = due(self._states, self._clock.now(), Patience(page=self._codec.page))
        return [page if page.is_history else self._with_some_before(page) for page in pages]

    def _with_some_before(self, page: Page) -> Page:
        step = page.series.timeframe.ms
        return replace(page, first=max(page.first - AGAIN * step, page.last - (self._codec.page - 1) * step))

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            self._writer.flush()

    def _write(self, line: Line) -> None:
        self._writer.write(encode(line))

    def _now(self) -> float:
        return seconds(self._clock.now())


def _after(state: State, page: Page, found: Sequence[Candle]) -> State:
    """What is known once a page was answered."""
    before = None if page.fresh else state.cursor
    if before is None:
        return replace(state, cursor=Cursor(page.first, page.last, page.last), observed=len(found))
    new = sum(not before.since <= candle.open_time <= before.through for candle in found)
    through = max(before.through, page.last)
    cursor = Cursor(min(before.since, page.first), through, through)
    return replace(state, cursor=cursor, observed=(state.observed or 0) + new)
