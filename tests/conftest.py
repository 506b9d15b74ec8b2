"""What holds for every test, and the servers that tests share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from livermore.store.tables import metadata
from tests.support.mariadb import MariaDB
from tests.support.mariadb import mariadb as started_mariadb
from tests.support.valkey import Valkey, valkey

structlog.configure(
    processors=[structlog.stdlib.add_log_level, structlog.stdlib.render_to_log_kwargs],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)

REAL, WORLDS = {"system", "browser"}, {"system", "chaos"}
"""Marks of tests that wait for real processes, and folders of tests that keep a processor busy for long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: two workers begin with a half each, and the short ones at its end are what is shared out.

    One begins with the tests that mostly wait, the other one with those that mostly compute.
    """
    waiting = [item for item in items if REAL & {mark.name for mark in item.iter_markers()}]
    taken = set(waiting)
    computing = [item for item in items if item not in taken and item.path.parent.name in WORLDS]
    taken.update(computing)
    short = [item for item in items if item not in taken]
    beside = max(0, len(items) // 2 - len(waiting))
    items[:] = [*waiting, *short[:beside], *computing, *short[beside:]]


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    """One server for all tests of a worker."""
    with valkey() as server:
        yield server


@pytest.fixture
def empty_valkey(valkey_server: Valkey) -> Valkey:
    """That server, with nothing in it."""
    valkey_server.flush()
    return valkey_server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with this program's schema."""
    file = tmp_path_factory.mktemp("migrated") / "livermore.db"
    engine = make_engine(DatabasePlace.model_validate({"url": f"sqlite:///{file}"}))
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture
def sqlite(migrated: Path, tmp_path: Path) -> DatabasePlace:
    """A copy of it."""
    file = shutil.copy(migrated, tmp_path / "livermore.db")
    return DatabasePlace.model_validate({"url": f"sqlite:///{file}"})


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDB]:
    """One server with a data folder of its own for all tests of a worker."""
    with started_mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def upgraded_mariadb(mariadb_server: MariaDB) -> DatabasePlace:
    """A database in it with this program's schema, and a copy of what it began with."""
    place = mariadb_server.database()
    engine = make_engine(place)
    upgrade(engine)
    name = engine.url.database
    engine.dispose()
    mariadb_server.run(
        f"CREATE DATABASE {name}_begun", f"CREATE TABLE {name}_begun.exchanges SELECT * FROM {name}.exchanges"
    )
    return place


@pytest.fixture
def mariadb(mariadb_server: MariaDB, upgraded_mariadb: DatabasePlace) -> DatabasePlace:
    """That database, with nothing in it but what a new one has."""
    name = make_engine(upgraded_mariadb).url.database
    emptied = [f"DELETE FROM {name}.{table.name}" for table in reversed(metadata.sorted_tables)]
    mariadb_server.run(*emptied, f"INSERT INTO {name}.exchanges SELECT * FROM {name}_begun.exchanges")
    return upgraded_mariadb


@pytest.fixture(params=["sqlite", "mariadb"])
def sql(request: pytest.FixtureRequest) -> DatabasePlace:
    """Both kinds of databases, one after the other: whatever speaks SQL is tested on both."""
    place: DatabasePlace = request.getfixturevalue(request.param)
    return place
