"""Worlds for tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from livermore.simulator.instruments import INSTRUMENTS, Instrument, made
from livermore.store.settings import DatabasePlace
from tests.support.dialect import Dialect
from tests.support.valkey import Valkey
from tests.support.world import COINBASE, World

NEARLY_MIDNIGHT = 1_789_948_800_000 - 600_000 + 15_000
"""Ten minutes before a day ends, in the middle of a minute (ms): a short run sees every timeframe close."""

BASES = {"BTC", "ETH", "SOL", "SLP"}
"""Three that are traded all the time and one that hardly ever is: a world costs what its symbols cost."""

MakeWorld = Callable[..., World]


def few(dialect: Dialect = COINBASE) -> list[Instrument]:
    """The instruments of a world that need not have all twelve, as those of the soak have."""
    return [i for i in made(len(INSTRUMENTS), dialect.quote) if i.base in BASES]


@pytest.fixture
def make_world(empty_valkey: Valkey, sqlite: DatabasePlace) -> Iterator[MakeWorld]:
    """Makes worlds of a `few` symbols that begin shortly before midnight, unless told otherwise."""
    worlds: list[World] = []

    def make(seed: int, start: int = NEARLY_MIDNIGHT, *, dialect: Dialect = COINBASE, **further: Any) -> World:
        settings = {"instruments": few(dialect)} | further
        worlds.append(World(seed, start, empty_valkey, sqlite, dialect=dialect, **settings))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()
