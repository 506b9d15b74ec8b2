"""A client of the stream that is cut off again and again, resumes wherever it gets in, and remembers what it heard."""

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

CHANNELS = ["candles:*:*", "signals:*:*", "alerts:*"]
BACK_OFF = 0.2
"""Seconds."""
ENDINGS = frozenset({None, 1000, 1001, 1006, 1012, 1013, 4008})
"""How a connection may end: cut off, restarted, or refused because the one before is not known to be gone."""


class Listener:
    """``ids``: of all events, in the order in which they came; ``wrong``: whatever else should not have been."""

    def __init__(self, ports: Sequence[int], key: str, luck: random.Random) -> None:
        self.ids: list[str] = []
        self.wrong: list[str] = []
        self.connections = 0
        self._ports, self._key, self._luck = ports, key, luck
        self._socket: WebSocketClientConnection | None = None

    async def run(self) -> None:
        """Listen, until cancelled."""
        while True:
            with suppress(OSError, HTTPClientError, StreamClosedError, WebSocketError):
                await self._listen()
            await asyncio.sleep(self._luck.uniform(0, BACK_OFF))

    def hang_up(self) -> bool:
        """Go away without a word; false where there is no connection."""
        socket = self._socket
        if socket is None or socket.protocol is None or not self.ids:
            return False
        socket.protocol._abort()  # what a client does that is killed
        return True

    async def _listen(self) -> None:
        url = f"ws://127.0.0.1:{self._luck.choice(self._ports)}/public/v1/stream"
        request = HTTPRequest(url, headers={"X-API-Key": self._key}, connect_timeout=2, request_timeout=2)
        self._socket = socket = await websocket_connect(request)
        self.connections += 1
        try:
            while (text := await socket.read_message()) is not None:
                await self._take(socket, json.loads(text))
        finally:
            self._socket = None
            socket.close()
        if socket.close_code not in ENDINGS:
            self.wrong.append(f"closed with {socket.close_code} {socket.close_reason}")

    async def _take(self, socket: WebSocketClientConnection, told: dict[str, Any]) -> None:
        if told["type"] == "welcome":
            resume = {"resume_from": [self.ids[-1]]} if self.ids else {}
            await socket.write_message(json.dumps({"action": "subscribe", "channels": CHANNELS, **resume}))
        elif told["type"] == "error" or told.get("rejected") or told.get("resumed") is False:
            self.wrong.append(str(told))
        elif "channel" in told:
            self.ids.append(told["id"])
