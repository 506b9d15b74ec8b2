"""One connection of a stream: opened, read with a deadline, closed. It knows no channels."""

import asyncio
from typing import Any

import msgspec
from tornado.httpclient import HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketError, websocket_connect

from livermore.client.errors import ApiError, StreamError, UnexpectedError

OPENING = 15.0
"""Seconds for the handshake, and for the welcome after it."""
MOST = 64 * 1024 * 1024
"""Bytes of a message."""
GOODBYE = 1.0
"""Seconds for the server to close, too."""
FOR_GOOD = {4001: "the key is not valid", 4003: "the key may not use the stream", 1009: "a message was too long"}


class BrokenError(Exception):
    """The connection is over, and another one may go on."""


class Said(msgspec.Struct):
    """What is looked at of every message, whatever its type."""

    type: str
    id: str | None = None
    channel: str = ""
    exchange: str | None = None
    exchanges: tuple[str, ...] = ()
    ids: dict[str, str] = {}
    heartbeat_seconds: float = 15.0
    limits: dict[str, int] = {}
    rejected: tuple[dict[str, str], ...] = ()
    resumed: bool | None = None
    code: str = ""
    message: str = ""
    within_seconds: float = 0.0


_said = msgspec.json.Decoder(Said).decode


class Connection:
    """``patience``: seconds without any message after which it counts as dead."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.patience = OPENING
        self._socket, self._over = socket, False

    @classmethod
    async def open(cls, url: str, key: str) -> "Connection":
        """Connect; the key goes into a header.

        Raises:
            ApiError: the server refuses.
            BrokenError: it cannot be reached, or not now.
        """
        headers = {"X-API-Key": key, "User-Agent": "livermore-client"}
        request = HTTPRequest(url, headers=headers, connect_timeout=OPENING, request_timeout=OPENING)
        opening = asyncio.ensure_future(websocket_connect(request, max_message_size=MOST))
        try:
            return cls(await asyncio.shield(opening))
        except asyncio.CancelledError:
            opening.add_done_callback(_hang_up)  # it may come about all the same
            raise
        except HTTPError as refused:
            if 400 <= refused.code < 500 and refused.code != 429:
                raise ApiError(refused.code, f"HTTP_{refused.code}", refused.message or "refused") from refused
            raise BrokenError(f"the handshake was answered with {refused.code}") from refused
        except (OSError, WebSocketError) as reason:
            raise BrokenError(str(reason)) from reason

    async def say(self, **message: Any) -> None:
        """Send a message; fields that are None are left out."""
        given = {name: value for name, value in message.items() if value is not None}
        try:
            await self._socket.write_message(msgspec.json.encode(given))
        except WebSocketClosedError as gone:
            raise BrokenError("closed while something was to be said") from gone

    async def read(self) -> tuple[Said, bytes]:
        """The next message, and its text.

        Raises:
            BrokenError: the connection is dead, or was closed in a way that lets another one go on.
            StreamError: it was closed for good.
        """
        try:
            async with asyncio.timeout(self.patience):
                text = await self._socket.read_message()
        except TimeoutError as silence:
            raise BrokenError(f"nothing was heard for {self.patience:g} seconds") from silence
        if text is None:
            self._over = True
            raise self._ended()
        data = text.encode() if isinstance(text, str) else text
        try:
            return _said(data), data
        except msgspec.DecodeError as error:
            raise UnexpectedError(str(error)) from error

    def _ended(self) -> Exception:
        code, reason = self._socket.close_code, self._socket.close_reason or ""
        if code in FOR_GOOD:
            return StreamError(code, reason or FOR_GOOD[code])
        return BrokenError(f"closed with {code} {reason}".strip())

    async def close(self) -> None:
        """Hang up, and do not wait long for the other side."""
        protocol = self._socket.protocol
        self._socket.close()
        try:
            async with asyncio.timeout(GOODBYE):
                while not self._over:
                    self._over = await self._socket.read_message() is None
        except TimeoutError:
            if protocol is not None and protocol.stream is not None:
                protocol.stream.close()


def _hang_up(opening: "asyncio.Future[WebSocketClientConnection]") -> None:
    """Nobody wants it any more, nor why it did not come about."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
