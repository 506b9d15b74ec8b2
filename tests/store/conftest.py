"""Servers, stores and loops for the tests of the stores."""

import asyncio
from collections.abc import Iterator

import pytest

from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from livermore.store.tables import metadata
from tests.support.leases import leased
from tests.support.mariadb import MariaDB
from tests.support.mariadb import mariadb as started_mariadb
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


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDB]:
    """One server for all tests of a worker."""
    with started_mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def upgraded_mariadb(mariadb_server: MariaDB) -> DatabasePlace:
    """A database in it with this program's schema."""
    place = mariadb_server.database()
    engine = make_engine(place)
    upgrade(engine)
    engine.dispose()
    return place


@pytest.fixture
def mariadb(mariadb_server: MariaDB, upgraded_mariadb: DatabasePlace) -> DatabasePlace:
    """That database, with nothing in it but what a new one has."""
    name = make_engine(upgraded_mariadb).url.database
    tables = [table.name for table in metadata.sorted_tables if table.name != "exchanges"]
    mariadb_server.run(*(f"DELETE FROM {name}.{table}" for table in reversed(tables)))
    return upgraded_mariadb


@pytest.fixture(params=["sqlite", "mariadb"])
def sql(request: pytest.FixtureRequest) -> DatabasePlace:
    """Both kinds of databases, one after the other."""
    place: DatabasePlace = request.getfixturevalue(request.param)
    return place
