"""What the client is told of a series, of the server's clock and of its key."""

from typing import Any

import pytest

from livermore.client import Client, Coverage, Limits, Time
from livermore.market.gap import Cause, Gap
from livermore.store import gaps
from tests.client.conftest import client, run, url
from tests.client.test_requests import MINUTE, filled
from tests.http.world import World
from tests.support.candles import BTC, T0


def facts(world: World, *, plain: bool) -> tuple[Coverage, Time, Limits]:
    async def ask() -> Any:
        async with client(world) as ours:
            return await ours.coverage(*MINUTE), await ours.time(), await ours.limits()

    if not plain:
        found: tuple[Coverage, Time, Limits] = run(ask())
        return found
    with Client(url(world), world.key) as ours:
        return ours.coverage(*MINUTE), ours.time(), ours.limits()


@pytest.mark.parametrize("plain", [True, False])
def test_a_series_a_clock_and_a_key_are_told_of(world: World, *, plain: bool) -> None:
    filled(world, 6)
    world.redis.run(gaps.report(world.lease, [Gap(BTC, T0 + 60_000, T0 + 60_000, Cause.DISCONNECT)]))
    coverage, time, limits = facts(world, plain=plain)
    assert (coverage.count, coverage.first, coverage.complete) == (6, "2023-11-14T00:00:00.000Z", False)
    assert [gap.cause for gap in coverage.gaps] == ["disconnect"]
    assert (time.unix_ms, time.market) == (world.clock.wall(), None)
    assert (limits.scopes, limits.remaining) == (("read", "stream"), limits.requests_per_minute - 3)
