"""A WebSocket connection: a session on a real socket and a real clock."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from tornado.httputil import HTTPServerRequest
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from livermore.clock import Clock, wall_seconds

SLOWEST = 10.0
"""Wall seconds that a client may take to read a frame before it is cut off; nothing is made for it meanwhile."""
SLEPT = 60.0
"""Wall seconds by which a frame may be late; beyond, the host was asleep, and the connection is closed instead."""
LARGEST = 64 * 1_024
"""Bytes of a client's message."""

_SHORTEST = 0.001


class Session(Protocol):
    """An exchange's side of one connection; times are ms UTC of market time."""

    closed: tuple[int, str] | None

    def receive(self, text: str | bytes, now: int) -> list[str]:
        """What to send at once when the client sends ``text``."""

    def advance(self, now: int) -> list[str]:
        """What fell due up to ``now``."""

    def next_due(self) -> int | None:
        """When there will be something to say or to do; None if only the client can change that."""


class FeedSocket(WebSocketHandler):
    """One client. Frames are made when they are due and the ones before them have left: memory stays bounded."""

    _session: Session
    _pump: asyncio.Task[None]

    def initialize(
        self, opened: Callable[[HTTPServerRequest, int], Session], clock: Clock, connected: "set[FeedSocket]"
    ) -> None:
        """``opened`` makes the session; in ``connected`` the connection is found as long as it is open."""
        self._opened, self._clock, self._connected = opened, clock, connected
        self._turn, self._woken, self.gone = asyncio.Lock(), asyncio.Event(), asyncio.Event()

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002 - Tornado's signature
        """The exchange serves everybody."""
        return True

    def open(self, *_: str, **__: str) -> None:
        assert self.ws_connection is not None
        assert self.ws_connection.stream is not None
        self._stream = self.ws_connection.stream
        self._connected.add(self)
        self._session = self._opened(self.request, self._clock.now())
        self._pump = asyncio.create_task(self._run())

    def cut_off(self) -> None:
        """End the connection at once, whatever is still to be written."""
        self._stream.close()

    async def on_message(self, message: str | bytes) -> None:
        """Tornado reads no further before this is done, so a client that only talks is held back as well."""
        with suppress(WebSocketClosedError):
            async with self._turn:
                await self._send(self._session.receive(message, self._clock.now()))
        self._woken.set()

    def on_close(self) -> None:
        self._connected.discard(self)
        self._pump.cancel()
        self.gone.set()

    async def _run(self) -> None:
        try:
            with suppress(WebSocketClosedError):
                await self._serve()
        finally:
            self.close(*(self._session.closed or (1001, "going away")))

    async def _serve(self) -> None:
        while not self._overslept():
            self._woken.clear()
            async with self._turn:
                await self._send(self._session.advance(self._clock.now()))
            if self._session.closed is not None:
                return
            await self._pause()

    def _overslept(self) -> bool:
        due = self._session.next_due()
        return due is not None and wall_seconds(self._clock, self._clock.now() - due) > SLEPT

    async def _pause(self) -> None:
        """Until the next frame falls due, or the client has spoken."""
        due = self._session.next_due()
        wait = None if due is None else max(_SHORTEST, wall_seconds(self._clock, due - self._clock.now()))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._woken.wait()

    async def _send(self, frames: list[str]) -> None:
        """Hand frames to the operating system. A write is never cancelled: Tornado's streams cannot take that.

        Raises:
            WebSocketClosedError: the client is gone, or reads too slowly.
        """
        for frame in frames:
            written = self.write_message(frame)
            written.add_done_callback(_looked_at)
            _, unwritten = await asyncio.wait([written], timeout=SLOWEST)
            if unwritten:
                self.cut_off()
            await written


def _looked_at(written: "asyncio.Future[None]") -> None:
    """A write that nobody waits for any longer may fail: its client is gone."""
    if not written.cancelled():
        written.exception()
