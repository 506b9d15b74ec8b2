"""The front by itself: what `livermore --mode pw-host` serves, without the tree above it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tornado.netutil import bind_sockets

from bench.process import serving, told
from livermore.clock import AffineClock
from livermore.http.bounds import Bounds
from livermore.http.front import Front
from livermore.http.options import FrontOptions
from livermore.http.service import Service
from livermore.store.redis import AsyncRedisStore
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import Database

ROUTES = ("candles", "signals", "alerts", "exchanges", "symbols", "stream", "docs", "health", "status")
NEVER = 86_400.0
"""Seconds between what a front says of its own accord, which nobody counts here."""


async def serve(facts: Mapping[str, Any]) -> None:
    """Until it is told to end."""
    redis = RedisPlace(url=facts["redis"])
    front = Front(
        options=FrontOptions(routes=ROUTES),
        mode="",
        clock=AffineClock(),
        redis=AsyncRedisStore(redis),
        follower=AsyncRedisStore(redis, blocking=2.0),
        database=Database(DatabasePlace(url=facts["database"])),
        tree=dict,
        explain=_nothing,
        bounds=Bounds(ping=NEVER, heartbeat=NEVER),
    )
    sockets = bind_sockets(0, "127.0.0.1")
    service = Service(front, sockets)
    await service.start()
    running = asyncio.ensure_future(service.run())
    over = asyncio.ensure_future(serving(sockets[0].getsockname()[1]))
    await asyncio.wait({running, over}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    running.cancel()
    await service.close()


async def _nothing(_: str) -> None:
    """Nobody asks why an alert was raised."""


if __name__ == "__main__":
    asyncio.run(serve(told()))
