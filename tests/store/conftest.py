"""Stores and loops for the tests of the stores."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from tests.support.leases import leased
from tests.support.mariadb import MariaDB
from tests.support.valkey import Valkey


@pytest.fixture
def store(empty_valkey: Valkey) -> Iterator[RedisStore]:
    made = RedisStore(empty_valkey.place)
    yield made
    made.close()


@pytest.fixture
def mine(store: RedisStore) -> Lease:
    return leased(store)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all coroutines of a test."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture
def async_store(empty_valkey: Valkey, runner: asyncio.Runner) -> Iterator[AsyncRedisStore]:
    made = AsyncRedisStore(empty_valkey.place)
    yield made
    runner.run(made.close())


@pytest.fixture
def new_sqlite(tmp_path: Path) -> DatabasePlace:
    return DatabasePlace.model_validate({"url": f"sqlite:///{tmp_path / 'new.db'}"})


@pytest.fixture
def new_mariadb(mariadb_server: MariaDB) -> DatabasePlace:
    return mariadb_server.database()


@pytest.fixture(params=["new_sqlite", "new_mariadb"])
def place(request: pytest.FixtureRequest) -> DatabasePlace:
    """A database without tables, of either kind."""
    made: DatabasePlace = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def engine(place: DatabasePlace) -> Iterator[Engine]:
    made = make_engine(place)
    yield made
    made.dispose()
