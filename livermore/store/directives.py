"""Directives: what operators have decided about an exchange, and what is heeded until they decide otherwise.

SQL keeps them, so that a Redis that comes back empty forgets none; those who heed them look into Redis.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from livermore.store.keys import Keys
from livermore.store.query import Query, Word, call, command, nothing
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.sql import Database
from livermore.store.tables import directives

LIFECYCLE, SYMBOLS, PROFILE = "lifecycle", "symbols", "profile"
COMPLETE = "complete"
"""Not a directive: stands beside them in Redis once all that SQL keeps are there."""


class Directive(msgspec.Struct, frozen=True):
    """``value``: what was decided, in a form that its name says; ``by`` whom, and when (``at``, wall ms)."""

    value: Any
    by: str
    at: int


class Missing(Exception):
    """Redis does not have them."""


async def read(redis: AsyncRedisStore, database: Database, keys: Keys, name: str) -> Directive | None:
    """The directive of this name, or None where nothing was ever decided.

    Raises:
        Transient: a store cannot answer.
    """
    try:
        return await redis.run(look(keys, name))
    except Missing:
        kept = await database.run_aside(partial(kept_of, exchange_id=keys.exchange_id))
        await redis.run(install(keys, kept))
        return kept.get(name)


def read_here(redis: RedisStore, database: Database, keys: Keys, name: str) -> Directive | None:
    """As `read`, for workers."""
    try:
        return redis.run(look(keys, name))
    except Missing:
        kept = database.run(partial(kept_of, exchange_id=keys.exchange_id))
        redis.run(install(keys, kept))
        return kept.get(name)


async def decide(redis: AsyncRedisStore, database: Database, keys: Keys, name: str, directive: Directive) -> None:
    """Write one down, where it is kept and where it is looked for."""
    await database.run_aside(partial(keep, exchange_id=keys.exchange_id, name=name, directive=directive))
    await redis.run(command("HSET", keys.directives, name, msgspec.json.encode(directive), read=nothing))


def look(keys: Keys, name: str) -> Query[Directive | None]:
    """Look into Redis; whoever runs it may get `Missing`."""
    return command("HMGET", keys.directives, name, COMPLETE, read=_found)


def install(keys: Keys, kept: Mapping[str, Directive]) -> Query[None]:
    """Put into Redis what SQL keeps; what was decided meanwhile stays as it is."""
    words: list[Word] = [word for name, one in kept.items() for word in (name, msgspec.json.encode(one))]
    return call("directives", [keys.directives], [*words, COMPLETE, b"1"], nothing)


def kept_of(connection: Connection, exchange_id: int) -> dict[str, Directive]:
    """All of an exchange, by name."""
    rows = connection.execute(select(directives).where(directives.c.exchange_id == exchange_id))
    return {row.name: Directive(row.value, row.author, row.at) for row in rows}


def keep(connection: Connection, exchange_id: int, name: str, directive: Directive) -> None:
    """Write one into SQL, in the place of the one before it."""
    row = {"value": directive.value, "author": directive.by, "at": directive.at}
    here = (directives.c.exchange_id == exchange_id) & (directives.c.name == name)
    if connection.execute(select(directives.c.at).where(here).with_for_update()).first() is None:
        connection.execute(insert(directives).values(exchange_id=exchange_id, name=name, **row))
    else:
        connection.execute(update(directives).where(here).values(**row))


def _found(answer: list[bytes | None]) -> Directive | None:
    found, complete = answer
    if found is None and complete is None:
        raise Missing
    return msgspec.json.decode(found, type=Directive) if found is not None else None
