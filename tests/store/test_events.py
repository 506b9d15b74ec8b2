"""The event stream: reading it from any place, and following it."""

import asyncio
import time
from collections.abc import Iterator

import pytest
import redis

from livermore.store import candles, events
from livermore.store.candles import Write
from livermore.store.events import START, Event
from livermore.store.keys import Keys
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from tests.store.waiting import until_soon
from tests.support.candles import candle
from tests.support.leases import KEYS
from tests.support.valkey import Valkey


def tell(store: RedisStore, mine: Lease, minute: int) -> None:
    store.run(candles.write(mine, Write([candle(minute)], ()), 1000))


def opened(found: list[Event]) -> list[int]:
    return [candles.opened(event.data) // 60_000 - candle(0).open_time // 60_000 for event in found]


def test_events_are_read_oldest_first_from_after_a_place(store: RedisStore, mine: Lease) -> None:
    for minute in range(5):
        tell(store, mine, minute)
    first = store.run(events.after(KEYS, START, 2))
    assert opened(first) == [0, 1]
    assert opened(store.run(events.after(KEYS, first[-1].id, 10))) == [2, 3, 4]


def test_after_the_newest_event_there_is_nothing(store: RedisStore, mine: Lease) -> None:
    tell(store, mine, 0)
    newest = store.run(events.newest_id(KEYS))
    assert newest == store.run(events.after(KEYS, START, 10))[-1].id
    assert store.run(events.after(KEYS, newest, 10)) == []


def test_before_the_first_event_the_newest_place_is_the_start(store: RedisStore) -> None:
    assert store.run(events.newest_id(KEYS)) == START
    assert store.run(events.after(KEYS, START, 10)) == []


def test_an_event_without_a_full_record_has_an_empty_one(store: RedisStore, mine: Lease) -> None:
    tell(store, mine, 0)
    (event,) = store.run(events.after(KEYS, START, 10))
    assert (event.kind, event.series, event.full) == ("candle_close", "BTC-USD:1m", b"")


# -- following


@pytest.fixture
def follower(empty_valkey: Valkey, runner: asyncio.Runner) -> Iterator[AsyncRedisStore]:
    made = AsyncRedisStore(empty_valkey.place, blocking=2)
    yield made
    runner.run(made.close())


def test_what_stands_there_already_is_followed_at_once(
    store: RedisStore, mine: Lease, follower: AsyncRedisStore, runner: asyncio.Runner
) -> None:
    tell(store, mine, 0)
    tell(store, mine, 1)
    found = runner.run(follower.run(events.follow({KEYS.events: START, Keys(2).events: START}, 1, 2_000)))
    assert {key: opened(told) for key, told in found.items()} == {KEYS.events: [0]}


def test_who_waits_is_woken_by_the_next_event(
    store: RedisStore, mine: Lease, follower: AsyncRedisStore, runner: asyncio.Runner, empty_valkey: Valkey
) -> None:
    async def woken() -> dict[str, list[Event]]:
        waiting = asyncio.ensure_future(follower.run(events.follow({KEYS.events: START}, 10, 2_000)))
        with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
            await until_soon(lambda: client.info("clients")["blocked_clients"] == 1, "somebody who waits")
        tell(store, mine, 7)
        return await waiting

    assert opened(runner.run(woken())[KEYS.events]) == [7]


def test_who_waits_in_vain_gets_nothing_after_his_time(follower: AsyncRedisStore, runner: asyncio.Runner) -> None:
    began = time.monotonic()
    assert runner.run(follower.run(events.follow({KEYS.events: START}, 10, 1_200))) == {}
    assert 1.1 < time.monotonic() - began < 2.5
