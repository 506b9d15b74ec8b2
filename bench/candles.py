"""Closed candles written, fenced and published, beside three round trips for each of them (T4b)."""

import asyncio
from collections.abc import Iterator
from itertools import count

import redis

from bench.harness import ROUNDS, Result, ratio
from bench.made import AT, KEYS, Candles, leased, series
from bench.server import server
from livermore.market.candle import Candle, to_json
from livermore.store.candle_book import CandleBook
from livermore.store.candles import Known
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.settings import RedisPlace

SERIES = 2_000
HISTORY = 1_000


def results() -> Iterator[Result]:
    """All targets."""
    all_ = series(SERIES)
    candles = Candles(all_, 1 + 4 * ROUNDS)
    minutes = [candles.minute(number) for number in range(1 + 4 * ROUNDS)]
    with server() as place, asyncio.Runner() as runner:
        store = RedisStore(place)
        book = Book(runner, place, leased(store), minutes[0])
        plain, numbers = Plain(place), count(1)
        ours = lambda: book.close(minutes[next(numbers)])  # noqa: E731 - each turn has a minute of its own
        theirs = lambda: plain.close(minutes[next(numbers)])  # noqa: E731
        yield ratio(f"T4b {SERIES} closed candles stored and published", ours, theirs, target=20, gate=10)
        book.end()
        plain.end()
        store.close()


class Book:
    """The candle book of an exchange that closes its candles itself."""

    def __init__(self, runner: asyncio.Runner, place: RedisPlace, lease: Lease, first: list[Candle]) -> None:
        self._runner = runner
        self._redis = runner.run(self._made(place))
        self._book = CandleBook(self._redis, lease, HISTORY, rolls_up=False)
        runner.run(self._book.close(first, [Known(c.series, AT, AT, rest=True) for c in first]))

    async def _made(self, place: RedisPlace) -> AsyncRedisStore:
        return AsyncRedisStore(place)

    def close(self, minute: list[Candle]) -> None:
        known = [Known(c.series, c.open_time, c.open_time) for c in minute]
        changes = self._runner.run(self._book.close(minute, known))
        assert len(changes) == len(minute)

    def end(self) -> None:
        self._runner.run(self._redis.close())


class Plain:
    """A client that stores, trims and publishes each candle by a command of its own, and fences nothing."""

    def __init__(self, place: RedisPlace) -> None:
        self._client = redis.Redis.from_url(place.full_url)

    def close(self, minute: list[Candle]) -> None:
        for candle in minute:
            key, data = "plain:" + KEYS.candles(candle.series), to_json(candle)
            self._client.zadd(key, {data: candle.open_time})
            self._client.zremrangebyrank(key, 0, -(HISTORY + 1))
            self._client.publish("plain:" + KEYS.events, data)

    def end(self) -> None:
        self._client.close()


TARGETS = {"T4b": results}
