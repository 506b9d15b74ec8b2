"""Tickers and forming candles: stored for a while, and told to whoever listens."""

import asyncio
from contextlib import aclosing

import msgspec
import pytest
import redis

from livermore.errors import Fenced
from livermore.market.candle import to_json
from livermore.market.ticker import Ticker
from livermore.store import ticks
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.ticks import Ticks
from tests.store.waiting import until_soon
from tests.support.candles import candle
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey


def ticker(symbol: str = "BTC-USD", price: str = "34.1") -> Ticker:
    return Ticker(symbol, price, "-1.5", "-4.2", "36", "33", "1200.25", 1_700_000_000_000, bid="34.09")


def test_tickers_are_read_back_as_they_were_in_the_order_of_the_question(store: RedisStore, mine: Lease) -> None:
    store.run(ticks.write(mine, [ticker(), ticker("ETH-USD")], [], 60_000))
    held = store.run(ticks.read(KEYS, ["ETH-USD", "SLP-USD", "BTC-USD"]))
    assert held == [ticker("ETH-USD"), None, ticker()]


def test_the_newest_ticker_counts(store: RedisStore, mine: Lease) -> None:
    store.run(ticks.write(mine, [ticker()], [], 60_000))
    store.run(ticks.write(mine, [ticker(price="35")], [], 60_000))
    assert store.run(ticks.read(KEYS, ["BTC-USD"])) == [ticker(price="35")]


def test_a_ticker_is_not_believed_for_ever(store: RedisStore, mine: Lease, empty_valkey: Valkey) -> None:
    store.run(ticks.write(mine, [ticker()], [], 6_000.7))
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        assert 5_000 < client.pttl(KEYS.ticker("BTC-USD")) <= 6_000


def test_without_the_lease_nothing_is_stored_and_nothing_told(store: RedisStore, mine: Lease) -> None:
    with pytest.raises(Fenced):
        store.run(ticks.write(Lease("coinbase", 1, owner(epoch=2)), [ticker()], [], 60_000))
    assert store.run(ticks.read(KEYS, ["BTC-USD"])) == [None]


def test_who_listens_hears_tickers_and_forming_candles_in_their_public_form(
    store: RedisStore, mine: Lease, async_store: AsyncRedisStore, runner: asyncio.Runner, empty_valkey: Valkey
) -> None:
    async def heard() -> tuple[str, bytes]:
        async with aclosing(async_store.listen([KEYS.ticks])) as messages:
            first = asyncio.ensure_future(anext(messages))
            with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
                await until_soon(lambda: client.pubsub_numsub(KEYS.ticks)[0][1] == 1, "somebody who listens")
            store.run(ticks.write(mine, [], [candle(0)], 60_000))
            store.run(ticks.write(mine, [ticker()], [], 60_000))
            return await first

    channel, message = runner.run(heard())
    told = msgspec.json.decode(message, type=Ticks)
    assert channel == KEYS.ticks
    assert (told.tickers, list(map(bytes, told.forming))) == ([], [to_json(candle(0))])
