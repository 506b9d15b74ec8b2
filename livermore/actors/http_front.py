"""The HTTP front: serves the public API, the stream and the pages from what is stored; nobody tells it anything."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from livermore.errors import Permanent
from livermore.http.front import Front
from livermore.http.options import FrontOptions
from livermore.http.service import Service
from livermore.plugins import load
from livermore.resources import Resources
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database
from livermore.supervision.loop_actor import LoopActor

BLOCK = 2.0
"""The longest wait (seconds) for events that the front asks Redis for."""


class HttpFront(LoopActor):
    """Ready once it listens, whatever Redis and SQL do."""

    options: FrontOptions
    resources: Resources

    async def warm_up(self) -> None:
        redis, database = self.keep(self.resources.async_redis(0)), self.keep(self.resources.reading())
        front = Front(
            options=self.options,
            mode=self.resources.name,
            clock=self.clock,
            redis=redis,
            follower=self.keep(self.resources.async_redis(BLOCK)),
            database=database,
            tree=self.resources.tree,
            explain=partial(_explain, redis, database),
            break_actor=self.resources.break_actor,
        )
        if self.context.listen is None:
            raise Permanent("it has no address to listen on: the tree needs a key listen for it")
        self.service = self.keep(Service(front, self.resources.sockets(self.context.listen)))
        await self.service.start()

    async def main(self) -> None:
        await self.service.run()

    async def quiesce(self) -> None:
        self.service.quiesce()


async def _explain(redis: AsyncRedisStore, database: Database, alert_id: str) -> Mapping[str, Any] | None:
    """Imported, aside, only once somebody asks: a public front never does, and needs no numpy."""
    explain = await asyncio.to_thread(load, "livermore.explaining.gathering:explain")
    found = await explain(redis, database, alert_id)
    return None if found is None else msgspec.to_builtins(found)
