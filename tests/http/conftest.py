"""Fronts for tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from livermore.http import cached, health, shared_limits
from livermore.http.bounds import Bounds
from livermore.store.settings import DatabasePlace
from tests.http.world import EXCHANGE, PATIENCE, TOKEN, World, a_world
from tests.support.valkey import Valkey

MakeWorld = Callable[..., World]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests is no store that hangs."""
    for module in (cached, health, shared_limits):
        monkeypatch.setattr(module, "PATIENCE", PATIENCE)


@pytest.fixture
def database(sqlite: DatabasePlace) -> DatabasePlace:
    """What fronts here read; some files have another one."""
    return sqlite


@pytest.fixture
def make_world(empty_valkey: Valkey, database: DatabasePlace) -> Iterator[MakeWorld]:
    """Make fronts with options and bounds of their own."""
    with ExitStack() as worlds:

        def make(*, bounds: Bounds | None = None, **options: Any) -> World:
            made = worlds.enter_context(a_world(empty_valkey.place, database, bounds or Bounds(), **options))
            made.hears_of_keys()
            return made

        yield make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A public front, with two symbols that are watched."""
    made = make_world()
    made.watch()
    return made


@pytest.fixture
def admin_world(make_world: MakeWorld) -> World:
    """A front with a pipeline beside it."""
    made = make_world(routes=EXCHANGE, pipeline=True, admin={"token": TOKEN})
    made.watch()
    return made
