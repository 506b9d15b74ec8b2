"""What the poller leaves alone for a while, and what makes it ask again before that is over."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from livermore.actors.boundary_poller import BoundaryPoller, PollerOptions
from livermore.market.gap import Cause, Gap
from livermore.market.timeframe import Timeframe
from livermore.messages import HoleFound
from livermore.store import symbols
from livermore.store.lease import Duty
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.supervision.actor import Context
from tests.support.candles import BTC, T0
from tests.support.clocks import ManualClock
from tests.support.leases import leased
from tests.support.valkey import Valkey

ETH = BTC._replace(symbol="ETH-USD")
DAYS = BTC._replace(timeframe=Timeframe.D1)


async def nothing() -> None:
    """There is no network to let go of."""


@contextmanager
def poller(valkey: Valkey, runner: asyncio.Runner) -> Iterator[BoundaryPoller]:
    """One that watches, and whose answers about three series could not be used."""
    store, redis = RedisStore(valkey.place), AsyncRedisStore(valkey.place)
    mine = leased(store)
    store.run(symbols.write(mine, ["BTC-USD", "ETH-USD"]))
    resources: Any = SimpleNamespace(
        name="test", async_redis=lambda _: redis, network=lambda: SimpleNamespace(close=nothing)
    )
    duty = {"duty": Duty(mine, 1_000)}
    made = BoundaryPoller(
        Context("p", 1, PollerOptions(), duty, ManualClock(), resources, lambda _: None, lambda _: None)
    )
    runner.run(made.warm_up())
    for series in (BTC, DAYS, ETH):
        made._let_rest(series, "it is not listed")
    yield made
    runner.run(redis.close())
    store.close()


def found(*, traded: bool) -> HoleFound:
    return HoleFound(Gap(BTC, T0, T0, Cause.SILENCE, traded))


def test_a_symbol_that_is_traded_after_all_is_asked_about_again_at_once(empty_valkey: Valkey) -> None:
    with asyncio.Runner() as runner, poller(empty_valkey, runner) as one:
        one.receive(found(traded=True))
        assert set(one.resting) == {ETH}
        assert one.failures == {ETH: 1}
        assert one.woken.is_set()


def test_a_hole_in_which_nobody_saw_a_trade_is_no_reason(empty_valkey: Valkey) -> None:
    with asyncio.Runner() as runner, poller(empty_valkey, runner) as one:
        one.receive(found(traded=False))
        assert set(one.resting) == {BTC, DAYS, ETH}
