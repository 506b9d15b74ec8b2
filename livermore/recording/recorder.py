"""The recorder: writes down every frame of a WebSocket, and what REST says of each bucket once it is over."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import product

from livermore import __version__
from livermore.clock import Clock, wall_seconds
from livermore.errors import ProtocolError, Transient
from livermore.exchanges.codec import Codec
from livermore.market.candle import Series
from livermore.market.due import Need, Page
from livermore.market.timeframe import Timeframe
from livermore.net.interface import Network
from livermore.net.rest import ExchangeRest
from livermore.recording.file import Writer
from livermore.recording.lines import Answered, Closed, Connected, Header, Line, Received, Sent, encode, seconds
from livermore.supervision.loop_actor import together

SETTLE = 3_000
"""How long (ms of market time) after a bucket's end REST is asked about it."""
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
        self._asked: dict[Series, int | None] = dict.fromkeys(
            Series(codec.name, s, t) for t, s in product(Timeframe, symbols)
        )
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
        body = (await self._rest.answer(page)).decode(errors="replace")
        symbol, timeframe = page.series.symbol, page.series.timeframe
        self._write(Answered(self._now(), symbol, timeframe, page.first, page.last, page.fresh, body))
        self._asked[page.series] = page.last
        self.answers += 1

    def _due(self) -> list[Page]:
        """What has ended since it was last asked about; a series begins, and begins anew, with a page of the past."""
        pages = []
        for series, asked in self._asked.items():
            last, step = series.timeframe.last_closed(self._clock.now() - SETTLE), series.timeframe.ms
            longest = last - (self._codec.page - 1) * step
            if asked is None or asked + step < longest:
                pages.append(Page(series, longest, last, Need.HISTORY, fresh=True))
            elif asked < last:
                pages.append(Page(series, max(longest, asked - (AGAIN - 1) * step), last))
        return pages

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            self._writer.flush()

    def _write(self, line: Line) -> None:
        self._writer.write(encode(line))

    def _now(self) -> float:
        return seconds(self._clock.now())
