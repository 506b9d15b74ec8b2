"""The outbox of one stream client: gathers what one turn of the loop brings, and bounds what has not been read."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from tornado.iostream import IOStream, StreamClosedError

CONFLATE_FROM = 64 * 1024
"""Bytes behind from which on of tickers and forming candles only the newest is kept."""
SLOW_FROM = 256 * 1024
"""Bytes behind from which on the client is given up: closed candles and alerts are never dropped for one that stays."""


class Outbox:
    """``on_slow`` is called, once, with the id of the last event that is on its way."""

    def __init__(self, stream: IOStream, on_slow: Callable[[str], None], *, full: bool) -> None:
        """``full``: whether the client may see what is never relayed to the public."""
        self.full = full
        self.last_id = ""
        self._stream, self._on_slow = stream, on_slow
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []
        self._newest: dict[str, bytes] = {}
        self._behind = 0  # bytes that the socket has not taken, or that wait for the end of this turn
        self._scheduled = self._over = False
        self._last_write: asyncio.Future[None] | None = None

    def add(self, frame: bytes, place: str = "") -> None:
        """Send a frame, in order. ``place``: the id of its event."""
        if self._over:
            return
        if self._behind + len(frame) > SLOW_FROM:
            self.flush()  # the socket may take it all: only what it does not take counts
        if self._behind + len(frame) > SLOW_FROM:
            self._over = True
            self._on_slow(self.last_id)
            return
        self.last_id = place or self.last_id
        self._behind += len(frame)
        self._waiting.append(frame)
        self._schedule()

    def conflate(self, name: str, frame: bytes) -> None:
        """Send a frame that the next of the same name makes worthless."""
        if self._over:
            return
        self._newest[name] = frame
        if self._behind < CONFLATE_FROM:
            self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Give the socket everything that waits, in one write."""
        self._scheduled = False
        if self._behind < CONFLATE_FROM and not self._over:
            fresh = list(self._newest.values())
            self._newest.clear()
            self._waiting += fresh
            self._behind += sum(map(len, fresh))
        data = b"".join(self._waiting)
        self._waiting.clear()
        if data and not self._stream.closed():
            with suppress(StreamClosedError):  # whoever closes it ends the session, too
                self._last_write = self._stream.write(data)
                if self._last_write.done():
                    self._behind -= len(data)
                else:
                    self._last_write.add_done_callback(lambda write: self._written(write, len(data)))

    def _written(self, write: "asyncio.Future[None]", size: int) -> None:
        self._behind -= size
        if not write.cancelled() and write.exception() is None and self._newest:
            self._schedule()

    def end(self) -> None:
        """Send what waits, and nothing after it."""
        self._over = True
        self.flush()

    async def drained(self) -> None:
        """Wait until the client has read most of it: for those who have a lot to say.

        Raises:
            StreamClosedError: it has gone.
        """
        self.flush()
        while self._behind >= CONFLATE_FROM and self._last_write is not None:
            await self._last_write
            await asyncio.sleep(0)  # what was written is counted by a callback, which needs its turn
