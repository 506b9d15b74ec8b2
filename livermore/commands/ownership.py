"""Owning an exchange for a moment, as an instance would: for commands that write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livermore.clock import Clock
from livermore.errors import LivermoreError, Permanent
from livermore.store.claiming import claim
from livermore.store.keys import Keys
from livermore.store.lease import Lease, release
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database

TTL = 45.0
"""Seconds for which the right to write holds."""


@asynccontextmanager
async def owning(
    redis: AsyncRedisStore, database: Database, keys: Keys, exchange: str, clock: Clock
) -> AsyncIterator[Lease]:
    """The right to write for an exchange, given back at the end.

    Raises:
        LivermoreError: an instance of it runs.
        Transient: a store cannot answer.
    """
    try:
        mine = await claim(redis, database, keys, exchange, clock, TTL)
    except Permanent as error:
        raise LivermoreError(f"{error}. It alone may write; its auditor checks and repairs by itself") from error
    try:
        yield mine
    finally:
        await redis.run(release(mine))
