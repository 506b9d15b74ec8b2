"""Tornado's WebSocket made strict where it is lax: close codes (RFC 6455 7.4) and masking (5.1).

It reaches into Tornado's private names; tests over raw sockets tell when these change.
"""

import struct
from asyncio import Future

from tornado.iostream import StreamClosedError
from tornado.websocket import (
    WebSocketHandler,
    WebSocketProtocol,
    WebSocketProtocol13,
    _WebSocketParams,
)

_CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
CLOSE = 0x8
MASKED = 0x80


class StrictProtocol(WebSocketProtocol13):
    """Answers invalid close codes and unmasked frames with 1002."""

    _at_header = False

    async def _receive_frame(self) -> None:
        self._at_header = True
        await super()._receive_frame()

    async def _read_bytes(self, n: int) -> bytes:
        data = await super()._read_bytes(n)
        if self._at_header and not data[1] & MASKED:
            self.close(1002, "unmasked frame")
            self._abort()
            raise StreamClosedError
        self._at_header = False
        return data

    def _handle_message(self, opcode: int, data: bytes) -> Future[None] | None:
        if opcode == CLOSE and len(data) >= 2 and not _may_be_sent(struct.unpack(">H", data[:2])[0]):
            self.client_terminated = True
            self.close(1002)
            return None
        return super()._handle_message(opcode, data)


def _may_be_sent(code: int) -> bool:
    return code in _CODES or 3000 <= code <= 4999


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
            compression_options=None,  # frames are encoded once for all clients
        )
        return StrictProtocol(self, mask_outgoing=False, params=params)
