"""A WebSocket connection to the simulated Binance, which pings its clients and wants to hear from them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from tornado.httputil import HTTPServerRequest
from tornado.websocket import WebSocketClosedError

from livermore.clock import Clock
from livermore.simulator.binance_session import BinanceSession
from livermore.simulator.binance_venue import Venue
from livermore.simulator.feed_socket import FeedSocket


class BinanceSocket(FeedSocket):
    """One client. Who does not answer a ping in time, with its payload, is hung up on."""

    _session: BinanceSession
    _pinging: asyncio.Task[None]

    def initialize(  # type: ignore[override]  # Tornado's: each handler has its own arguments
        self,
        opened: Callable[[HTTPServerRequest, int], BinanceSession],
        clock: Clock,
        connected: set[FeedSocket],
        venue: Venue,
    ) -> None:
        """``venue`` has the times of pings."""
        super().initialize(opened, clock, connected)
        self._venue, self._asked = venue, dict[bytes, asyncio.TimerHandle]()

    def open(self, *_: str, **__: str) -> None:
        super().open()
        self._pinging = asyncio.create_task(self._ask())

    def shut_down(self, within: int) -> None:
        """Warn the client, and cut it off after ``within`` ms of market time."""
        self._session.shut_down(self._clock.now(), within)
        self._woken.set()

    def on_ping(self, data: bytes) -> None:  # noqa: ARG002 - Tornado's signature; it has answered already
        self._note()

    def on_pong(self, data: bytes) -> None:
        """A pong answers the ping whose payload it has, and those before it; any other answers nothing."""
        self._note()
        if data in self._asked:
            self._forgive()

    def on_close(self) -> None:
        super().on_close()
        self._pinging.cancel()
        self._forgive()

    def _note(self) -> None:
        self._session.control(self._clock.now())
        self._woken.set()

    def _forgive(self) -> None:
        for timer in self._asked.values():
            timer.cancel()
        self._asked.clear()

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(WebSocketClosedError):
            while True:
                await asyncio.sleep(self._venue.ping_every)
                payload = str(self._clock.wall()).encode()
                self._asked[payload] = loop.call_later(self._venue.pong_within, self.close, 1008, "Pong timeout")
                self.ping(payload)
