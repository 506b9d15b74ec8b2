"""Directives: SQL keeps what operators decide, and a Redis that has forgotten is told again."""

import asyncio

import pytest

from livermore.errors import Transient
from livermore.store import directives
from livermore.store.directives import Directive
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.support.leases import KEYS
from tests.support.valkey import Valkey

PAUSE = Directive({"do": "pause"}, "somebody", 1_700_000_000_000)
RUN = Directive({"do": "run"}, "somebody else", 1_700_000_000_001)
NAME = directives.LIFECYCLE


def test_what_was_decided_last_is_found_also_where_redis_has_come_back_empty(
    runner: asyncio.Runner, async_store: AsyncRedisStore, store: RedisStore, sql: DatabasePlace, empty_valkey: Valkey
) -> None:
    database = Database(sql)

    def found(name: str = NAME) -> Directive | None:
        return runner.run(directives.read(async_store, database, KEYS, name))

    assert found() is None
    for decided in (PAUSE, RUN):
        runner.run(directives.decide(async_store, database, KEYS, NAME, decided))
        assert found() == decided
    empty_valkey.flush()
    assert directives.read_here(store, database, KEYS, NAME) == RUN
    empty_valkey.flush()
    assert (found(), found(directives.PROFILE)) == (RUN, None)
    database.close()


def test_what_is_decided_while_redis_is_filled_again_stays_as_it_is(store: RedisStore, sql: DatabasePlace) -> None:
    database = Database(sql)
    kept = database.run(lambda connection: directives.kept_of(connection, 1))
    store.run(directives.install(KEYS, {**kept, NAME: RUN}))
    store.run(directives.install(KEYS, {NAME: PAUSE}))
    assert store.run(directives.look(KEYS, NAME)) == RUN
    database.close()


def test_where_it_cannot_be_kept_it_is_not_heeded_either(
    runner: asyncio.Runner, async_store: AsyncRedisStore, store: RedisStore
) -> None:
    nowhere = Database(DatabasePlace.model_validate({"url": "sqlite:////nonexistent/folder/x.db"}))
    with pytest.raises(Transient, match="SQL"):
        runner.run(directives.decide(async_store, nowhere, KEYS, NAME, PAUSE))
    with pytest.raises(directives.Missing):
        store.run(directives.look(KEYS, NAME))
    nowhere.close()


def test_they_belong_to_one_exchange(sql: DatabasePlace) -> None:
    database = Database(sql)
    database.run(lambda connection: directives.keep(connection, 1, NAME, PAUSE))
    assert database.run(lambda connection: directives.kept_of(connection, 2)) == {}
    assert database.run(lambda connection: directives.kept_of(connection, 1)) == {NAME: PAUSE}
    database.close()
