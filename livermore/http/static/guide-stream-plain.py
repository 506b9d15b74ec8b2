"""The same with Tornado alone, for at most 20 channels, which fit into one message."""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from typing import Any

from tornado.httpclient import HTTPError, HTTPRequest
from tornado.websocket import WebSocketError, websocket_connect

URL = os.environ["LIVERMORE_URL"].replace("http", "ws", 1) + "/public/v1/stream"
HEADERS = {"X-API-Key": os.environ["LIVERMORE_KEY"]}


async def connection() -> AsyncIterator[tuple[dict[str, Any], Any]]:
    """The messages of one connection, until it breaks or says nothing for two heartbeats."""
    patience, socket = 15.0, await websocket_connect(HTTPRequest(URL, headers=HEADERS))
    try:
        while (text := await asyncio.wait_for(socket.read_message(), patience)) is not None:
            message = json.loads(text)
            patience = 2 * message.get("heartbeat_seconds", patience / 2)
            yield message, socket
        if socket.close_code in {4001, 4003}:
            raise SystemExit(socket.close_reason)
    finally:
        socket.close()


async def events(exchange: str, channels: list[str], place: str | None = None) -> AsyncIterator[dict[str, Any]]:
    """Events, each once and in order. ``place``: the id of the last one that was seen."""
    attempt = 0
    while True:
        subscribed, newest = False, None
        try:
            async for message, socket in connection():
                if message["type"] == "welcome":
                    newest = message["ids"].get(exchange)
                    asked = {"action": "subscribe", "exchange": exchange, "channels": channels}
                    await socket.write_message(json.dumps(asked | ({"resume_from": [place]} if place else {})))
                elif message["type"] == "subscribed":
                    if message["rejected"]:
                        raise SystemExit(f"rejected: {message['rejected']}")
                    subscribed, attempt = True, 0
                    if place is None or message.get("resumed") is False:
                        print("from now on; what came before is not known")
                        place = newest
                elif message["type"] == "heartbeat" and subscribed:
                    place = message.get("ids", {}).get(exchange, place)
                elif "channel" in message and message["type"] != "error":
                    if "id" in message and message["type"] != "snapshot":
                        place = message["id"]
                    yield message
        except (OSError, HTTPError, WebSocketError, TimeoutError) as broken:
            print("connecting again:", broken)
        await asyncio.sleep(random.uniform(0, min(30, 0.5 * 2**attempt)))
        attempt = min(attempt + 1, 10)


async def main() -> None:
    async for event in events("coinbase", ["candles:BTC-USD:*", "alerts:*"]):
        print(event["type"], event["channel"], event["data"])


asyncio.run(main())
