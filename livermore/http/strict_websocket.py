"""Tornado's WebSocket made strict: what breaks RFC 6455 is answered with the code that says so, never by a bare cut.

Frames are read here. Messages are handed on, pings answered and connections closed by Tornado, whose private names this
reaches into: the Autobahn cases and tests over raw sockets tell when these change.
"""

import socket
import struct
import zlib
from contextlib import suppress

from tornado.util import _websocket_mask
from tornado.websocket import (
    WebSocketHandler,
    WebSocketProtocol,
    WebSocketProtocol13,
    _DecompressTooLargeError,
    _WebSocketParams,
)

from livermore.http.websocket_rules import (
    BAD_DATA,
    COMPRESSED,
    CONTINUATION,
    CONTROL,
    FINAL,
    OPCODE,
    SIZE,
    TOO_BIG,
    Violation,
    check_head,
    check_message,
)

IGNORED = 65_536
"""Bytes that are read at once of what nobody heeds any more."""


class StrictProtocol(WebSocketProtocol13):
    """The server's side of one connection."""

    handler: "StrictHandler"
    _message: bytearray | None = None
    """The fragments so far of a message of which more are to come."""
    _kind = CONTINUATION
    _compressed = False

    async def _receive_frame(self) -> None:
        try:
            first, second = await self._read_bytes(2)
            check_head(first, second, compressing=self._decompressor is not None, begun=self._message is not None)
            await self._take(first, await self._payload(first & OPCODE, second & SIZE))
        except Violation as violation:
            await self._refuse(violation.code, str(violation))

    async def _payload(self, opcode: int, size: int) -> bytes:
        if size > 125:
            form = "!H" if size == 126 else "!Q"
            (size,) = struct.unpack(form, await self._read_bytes(struct.calcsize(form)))
        held = 0 if opcode & CONTROL else len(self._message or b"")
        if held + size > self.params.max_message_size:
            raise Violation(TOO_BIG, "message too big")
        mask = await self._read_bytes(4)
        return _websocket_mask(mask, await self._read_bytes(size))

    async def _take(self, first: int, data: bytes) -> None:
        opcode = first & OPCODE
        if not opcode & CONTROL:
            if opcode != CONTINUATION:
                self._kind, self._compressed, self._message = opcode, bool(first & COMPRESSED), bytearray()
            assert self._message is not None
            self._message += data
            if not first & FINAL:
                return
            opcode, data, self._message = self._kind, bytes(self._message), None
            data = self._inflated(data) if self._compressed else data
        check_message(opcode, data)
        handled = self._handle_message(opcode, data)
        if handled is not None:
            await handled

    def _inflated(self, data: bytes) -> bytes:
        assert self._decompressor is not None
        try:
            return self._decompressor.decompress(data)
        except _DecompressTooLargeError:
            raise Violation(TOO_BIG, "message too big") from None
        except zlib.error:
            raise Violation(BAD_DATA, "not compressed as agreed") from None

    async def _refuse(self, code: int, reason: str) -> None:
        """Say why, and wait until the client hangs up: a socket that is closed over unread bytes may lose the code."""
        self.handler.end(code, reason)  # Tornado cuts the connection off after some seconds, however this goes
        await self.stream.write(b"")
        with suppress(OSError):  # it has gone, as reading will tell
            self.stream.socket.shutdown(socket.SHUT_WR)
        while True:
            await self.stream.read_bytes(IGNORED, partial=True)


class StrictHandler(WebSocketHandler):
    """Speaks the strict protocol."""

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """The protocol for the version that the client speaks, if it is the one."""
        if self.request.headers.get("Sec-WebSocket-Version") != "13":
            return None
        params = _WebSocketParams(
            ping_interval=self.ping_interval,
            ping_timeout=self.ping_timeout,
            max_message_size=self.max_message_size,
            compression_options=self.get_compression_options(),
        )
        return StrictProtocol(self, mask_outgoing=False, params=params)

    def get_compression_options(self) -> dict[str, object] | None:
        """None: frames are encoded once for all clients and sent as they are, and what clients say is short."""
        return None

    def end(self, code: int, reason: str) -> None:
        """Close the connection, and send nothing more."""
        self.close(code, reason)
