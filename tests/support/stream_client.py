"""A client of the public stream, over a real WebSocket."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect


class StreamClient:
    """``frames``: all that came, as dicts; ``seen``: (type, timeframe) of all that has a channel with one."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket
        self.frames: list[dict[str, Any]] = []
        self.seen: set[tuple[str, str]] = set()

    async def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
        await self._socket.write_message(json.dumps(message))

    async def subscribe(self, *channels: str) -> None:
        """Ask for channels."""
        await self.send({"action": "subscribe", "channels": list(channels)})

    async def read_until(self, holds: Callable[[], bool]) -> None:
        """Read until something holds."""
        while not holds():
            text = await self._socket.read_message()
            assert text is not None, f"closed: {self._socket.close_code} {self._socket.close_reason}"
            self._note(json.loads(text))

    def _note(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        channel = frame.get("channel", "").split(":")
        if len(channel) == 3:
            self.seen.add((frame["type"], channel[2]))

    def ids(self) -> list[tuple[int, int]]:
        """The places of all events in the exchange's stream, in the order in which they came."""
        told = [frame["id"].partition(":")[2] for frame in self.frames if "id" in frame and "channel" in frame]
        return [(int(ms), int(number)) for ms, number in (place.split("-") for place in told)]


@asynccontextmanager
async def stream_client(port: int, key: str) -> AsyncIterator[StreamClient]:
    """A client that is connected for as long as the block runs."""
    request = HTTPRequest(f"ws://127.0.0.1:{port}/public/v1/stream", headers={"X-API-Key": key})
    socket = await websocket_connect(request)
    try:
        yield StreamClient(socket)
    finally:
        socket.close()
        while await socket.read_message() is not None:
            pass
