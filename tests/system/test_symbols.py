"""Symbols come and go while everything runs: of those that stay nothing is lost."""

import pytest

from livermore.market.timeframe import Timeframe
from livermore.net.interface import Response
from livermore.simulator.request import Request
from livermore.store import candles, gaps, symbols
from livermore.store.redis import RedisStore
from tests.support.coinbase import Coinbase
from tests.support.ledger import Ledger
from tests.support.weather import Weather
from tests.support.world import World
from tests.system.conftest import MakeWorld

SOURCE = "coinbase/writer/pipeline/symbol_source"


class Unlisted(Weather):
    """Some products are not on the exchange's list."""

    def __init__(self, world: World, *hidden: str) -> None:
        self._world, self.hidden = world, set(hidden)

    def answers(self, request: Request, response: Response) -> Response:
        dialect, body = Coinbase(), response.body
        if response.status == 200 and dialect.asks_for_products(request):
            for symbol in self.hidden:
                body = dialect.without_product(body, symbol, listed=False)
        return Response(response.status, response.headers, body)


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    made = make_world(seed=31)
    made.weather = Unlisted(made, "ETH-USD")
    made.boot()
    made.run(120)
    return made


def look_again(world: World) -> None:
    """Have the symbol source start anew, which asks for the list at once."""
    world.crash(SOURCE)
    world.run(5)


def watched(world: World) -> list[str]:
    store = RedisStore(world.redis)
    found = store.run(symbols.read(world.keys))
    store.close()
    return found


def test_one_that_comes_is_watched_and_warmed_up_and_the_others_miss_nothing(world: World) -> None:
    assert "ETH-USD" not in watched(world)
    world.weather.hidden.clear()  # type: ignore[attr-defined]
    look_again(world)
    world.run(240)
    assert "ETH-USD" in watched(world)
    store = RedisStore(world.redis)
    assert store.run(gaps.between(world.keys, 0, world.clock.now(), 1000)) == []
    cursors = store.run(candles.cursors(world.keys))
    assert {str(t) for t in Timeframe} == {name.partition(":")[2] for name in cursors if name.startswith("ETH-USD:")}
    store.close()
    assert Ledger(world).faults() == []


def test_one_that_goes_is_left_as_it_is_and_the_others_miss_nothing(world: World) -> None:
    world.weather.hidden.add("SOL-USD")  # type: ignore[attr-defined]
    look_again(world)
    store = RedisStore(world.redis)
    before = store.run(candles.cursors(world.keys))["SOL-USD:1m"]
    world.run(240)
    assert "SOL-USD" not in watched(world)
    assert store.run(candles.cursors(world.keys))["SOL-USD:1m"] == before
    assert store.run(gaps.between(world.keys, 0, world.clock.now(), 1000)) == []
    store.close()
    assert {fault.series.partition(":")[0] for fault in Ledger(world).faults()} <= {"ETH-USD", "SOL-USD"}
