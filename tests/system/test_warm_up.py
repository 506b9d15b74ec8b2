"""Warm-up of many symbols: as fast as the exchange's limit allows, and hardly anything after a restart."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from livermore.actors.boundary_poller import AT_ONCE
from livermore.market.candle import Series
from livermore.market.due import Patience
from livermore.market.timeframe import Timeframe
from livermore.net.interface import Response
from livermore.simulator.instruments import made
from livermore.store import candles, warmup
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from tests.support.valkey import Valkey
from tests.support.world import World
from tests.system.conftest import NEARLY_MIDNIGHT

RATE = 8.0
SYMBOLS = 15
"""A hundred are warmed up by the soak."""


class WideWorld(World):
    """A world of many symbols, all of which are watched; every request to the exchange is written down."""

    def __init__(self, server: Valkey, database: DatabasePlace, count: int) -> None:
        super().__init__(11, NEARLY_MIDNIGHT, server, database, instruments=made(count))
        self.options["symbol_source"] = {"symbols": tuple(self.symbols)}
        self.requests: list[tuple[float, str, str]] = []  # when (s), path, granularity

    def ask(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        self.requests.append((self.loop.seconds, path, query.get("granularity", "")))
        return super().ask(path, query, headers)

    def pages(self, since: float = 0) -> list[str]:
        """Symbol and granularity of every page of candles that was asked for."""
        return [f"{p.split('/')[-2]} {g}" for at, p, g in self.requests if p.endswith("/candles") and at >= since]


class Found(NamedTuple):
    """Requests of a warm-up, how long (s) it took, and pages that were asked for after the restart."""

    asked: int
    took: float
    pages: int


@pytest.fixture
def world(empty_valkey: Valkey, sqlite: DatabasePlace) -> Iterator[WideWorld]:
    made_world = WideWorld(empty_valkey, sqlite, SYMBOLS)
    yield made_world
    made_world.close()


def is_warm(world: World, store: RedisStore) -> bool:
    stats = store.run(warmup.read(world.keys))
    return stats is not None and stats.status == "complete"


def knows(world: World, store: RedisStore, missed: int) -> bool:
    """Whether every series is known again through all that was over at a moment (ms)."""
    cursors = store.run(candles.cursors(world.keys))
    ends = {str(t): t.last_closed(missed + Timeframe.M1.ms) for t in Timeframe}
    return all(cursor.through >= ends[name.rpartition(":")[2]] for name, cursor in cursors.items())


def test_many_symbols_are_warm_as_soon_as_the_limit_allows_and_a_restart_asks_hardly_anything(world: WideWorld) -> None:
    check(world)


def check(world: WideWorld) -> Found:
    """Warm up and start again after an hour; says what it took."""
    store = RedisStore(world.redis)
    world.boot()
    world.run_until(lambda: is_warm(world, store), within=600)
    took, asked = world.loop.seconds, len(world.requests)
    assert asked >= len(world.symbols) * len(Timeframe)
    assert took <= 1.05 * asked / RATE
    assert world.refused == 0

    cursors = store.run(candles.cursors(world.keys))
    for symbol in world.symbols:
        for timeframe in Timeframe:
            _has_all_that_it_needs(world, store, symbol, timeframe, cursors[f"{symbol}:{timeframe}"].since)

    world.kill()
    world.run(3_600)
    began, missed = world.loop.seconds, Timeframe.M1.last_closed(world.clock.now())
    world.boot()
    world.run_until(lambda: knows(world, store, missed))
    pages = world.pages(began)
    assert max(Counter(page for page in pages if page.endswith("ONE_MINUTE")).values()) == 1
    assert len(pages) < len(world.symbols) + AT_ONCE, "only what goes with the last of them is asked for another reason"
    store.close()
    return Found(asked, took, len(pages))


def _has_all_that_it_needs(world: World, store: RedisStore, symbol: str, timeframe: Timeframe, since: int) -> None:
    """350 buckets; where they hold fewer than 250 candles, more, as long as there is history that is kept."""
    patience, now = Patience(), world.clock.now()
    buckets = (now - since) // timeframe.ms
    count = store.run(candles.count(world.keys, Series("coinbase", symbol, timeframe)))
    assert buckets >= patience.warmup
    assert count >= patience.observed or buckets >= patience.history - 1
