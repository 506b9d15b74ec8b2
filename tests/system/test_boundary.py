"""A boundary that was seen whole: all six timeframes are published at once by the exchange's clock, without REST."""

from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from livermore.net.interface import Response
from livermore.simulator.request import Request
from livermore.store import events
from livermore.store.redis import RedisStore
from tests.support.weather import Weather
from tests.support.world import World
from tests.system.conftest import MakeWorld

SLACK = 500


class Mum(Weather):
    """REST answers nothing any more."""

    def __init__(self) -> None:
        self.asked_at: list[int] = []

    def asked(self, request: Request) -> Response | None:
        self.asked_at.append(request.now)
        return Response(503, {}, b"")


def published(world: World, store: RedisStore, symbol: str, midnight: int) -> set[str]:
    """The timeframes of which the candle that ended at midnight has been published."""
    ended = {str(t): f'"timestamp":"{iso(midnight - t.ms)}"'.encode() for t in Timeframe}
    found = store.run(events.after(world.keys, events.START, 1_000_000))
    return {
        e.series.partition(":")[2]
        for e in found
        if e.kind == "candle_close"
        and e.series.startswith(f"{symbol}:")
        and ended[e.series.partition(":")[2]] in e.data
    }


def test_at_midnight_all_six_timeframes_are_published_within_the_grace_and_half_a_second_without_rest(
    make_world: MakeWorld,
) -> None:
    world = make_world(seed=21)
    midnight = Timeframe.D1.floor(world.clock.now()) + Timeframe.D1.ms
    store = RedisStore(world.redis)
    world.boot()
    world.run((midnight - world.clock.now()) / 1000 - 5)
    world.weather = Mum()
    world.run((midnight - world.clock.now()) / 1000)
    grace = 1_000  # what has been measured by then of a wire that lags by a quarter of a second, at most
    world.run_until(lambda: published(world, store, "BTC-USD", midnight) == set(map(str, Timeframe)), within=5)
    assert world.clock.now() - midnight <= grace + SLACK
    assert [at for at in world.weather.asked_at if at >= midnight] == []
    store.close()
