"""What holds for every test, and the servers that tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from tests.support.valkey import Valkey, valkey

structlog.configure(
    processors=[structlog.stdlib.add_log_level, structlog.stdlib.render_to_log_kwargs],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)


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


@pytest.fixture
def sqlite(tmp_path: Path) -> DatabasePlace:
    """A new database with this program's schema."""
    place = DatabasePlace.model_validate({"url": f"sqlite:///{tmp_path / 'livermore.db'}"})
    engine = make_engine(place)
    upgrade(engine)
    engine.dispose()
    return place
