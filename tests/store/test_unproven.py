"""What only silence tells of: from the last bucket in which something was traded to the last that is known."""

import asyncio
from collections.abc import Sequence

from livermore.market.candle import Series
from livermore.market.gap import LONGEST, Cause, Gap
from livermore.store import candles, unproven
from livermore.store.candles import Known, Write
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from tests.support.candles import BTC, T0, candle
from tests.support.leases import KEYS

ETH = BTC._replace(symbol="ETH-USD")
MINUTE = BTC.timeframe.ms


def minute(n: int) -> int:
    return T0 + n * MINUTE


def store_all(store: RedisStore, mine: Lease, series: Series, traded: Sequence[int], first: int, last: int) -> None:
    """Candles of these minutes, in a series that is known from one minute to another."""
    known = Known(series, minute(first), minute(last), rest=True, anew=True)
    store.run(candles.write(mine, Write([candle(n, series=series) for n in traded], [known]), 1000))


def test_it_begins_with_the_last_candle_and_ends_with_what_is_known(
    store: RedisStore, mine: Lease, async_store: AsyncRedisStore, runner: asyncio.Runner
) -> None:
    store_all(store, mine, BTC, [3, 5], 0, 9)
    store_all(store, mine, ETH, [9], 0, 9)
    assert runner.run(unproven.ends(async_store, KEYS, [BTC, ETH])) == [
        Gap(BTC, minute(5), minute(9), Cause.UNPROVEN, traded=True),
        Gap(ETH, minute(9), minute(9), Cause.UNPROVEN, traded=True),
    ]


def test_a_long_silence_is_doubted_as_far_as_one_answer_reaches(
    store: RedisStore, mine: Lease, async_store: AsyncRedisStore, runner: asyncio.Runner
) -> None:
    store_all(store, mine, BTC, [3], 0, 3 + LONGEST)
    expected = Gap(BTC, minute(4), minute(3 + LONGEST), Cause.UNPROVEN, traded=False)
    assert runner.run(unproven.ends(async_store, KEYS, [BTC])) == [expected]


def test_nothing_is_doubted_of_what_is_not_known_or_was_never_traded_since_it_is(
    store: RedisStore, mine: Lease, async_store: AsyncRedisStore, runner: asyncio.Runner
) -> None:
    store_all(store, mine, BTC, [3], 5, 9)
    assert runner.run(unproven.ends(async_store, KEYS, [BTC, ETH])) == []
    assert runner.run(unproven.ends(async_store, KEYS, [])) == []


def test_the_newest_candle_before_another_is_found(store: RedisStore, mine: Lease) -> None:
    store_all(store, mine, BTC, [3, 5], 0, 9)
    asked = [candles.newest_before(KEYS, BTC, minute(n)) for n in (3, 4, 5, 6)]
    assert [store.run(query) for query in asked] == [None, minute(3), minute(3), minute(5)]
