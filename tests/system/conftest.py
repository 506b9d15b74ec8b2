"""Worlds for tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from livermore.store.settings import DatabasePlace
from tests.support.valkey import Valkey
from tests.support.world import World

NEARLY_MIDNIGHT = 1_789_948_800_000 - 600_000 + 15_000
"""Ten minutes before a day ends, in the middle of a minute (ms): a short run sees every timeframe close."""

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(empty_valkey: Valkey, sqlite: DatabasePlace) -> Iterator[MakeWorld]:
    """Makes worlds that begin shortly before midnight, unless told otherwise."""
    made: list[World] = []

    def make(seed: int, start: int = NEARLY_MIDNIGHT, **further: Any) -> World:
        made.append(World(seed, start, empty_valkey, sqlite, **further))
        return made[-1]

    yield make
    for world in made:
        world.close()
