"""What `livermore ctl` does: giving a command in the name of who types it, and showing the instances that there are."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from livermore import process
from livermore.clock import AffineClock
from livermore.commands import stores
from livermore.commands.common import Asked, Variables, exchange_of
from livermore.store import asking, instances
from livermore.store.exchange import keys_of
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database

T = TypeVar("T")


def give(asked: Asked, variables: Variables, payload: dict[str, Any]) -> dict[str, Any]:
    """Give a command; the data of its success.

    Raises:
        LivermoreError: as `livermore.store.asking.ask`.
    """
    by = f"{getpass.getuser()}@{process.host()}"
    given = asking.made(asked.type, payload, AffineClock(), by, asked.priority)
    return _with_stores(asked, variables, lambda redis, keys: asking.ask(redis, keys, given))


def status(asked: Asked, variables: Variables) -> dict[str, Any]:
    """The instances of the exchange, the holder of the lease first."""
    found = _with_stores(asked, variables, lambda redis, keys: redis.run(instances.listed(keys)))
    present = instances.present(found, AffineClock().wall())
    return {"exchange": exchange_of(asked, variables), "instances": [msgspec.structs.asdict(one) for one in present]}


def _with_stores(asked: Asked, variables: Variables, do: Callable[[AsyncRedisStore, Keys], Awaitable[T]]) -> T:
    """Do something with Redis and the keys of the exchange that is meant."""

    async def done(redis: AsyncRedisStore, database: Database) -> T:
        try:
            return await do(redis, await keys_of(database, exchange_of(asked, variables)))
        finally:
            database.close()
            await redis.close()

    with stores.opened(asked, variables) as places:
        assert places.redis is not None
        assert places.database is not None
        return asyncio.run(done(AsyncRedisStore(places.redis), Database(places.database)))
