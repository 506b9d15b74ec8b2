"""A pipeline as one writes it first: for each close read the past, compute it all, store, publish, compare."""

import json
from collections.abc import Sequence

import redis

from bench.plain_macdv import PlainMacdv
from livermore.market.candle import Candle, to_json
from livermore.store.settings import RedisPlace

READ = 250
LEVELS = (150, 200, 250, 300, 350, 400)


class Naive:
    """The first series only, as many as are asked for, under keys of their own."""

    def __init__(self, place: RedisPlace, past: Sequence[list[Candle]], count: int) -> None:
        self._client, self._count = redis.Redis.from_url(place.full_url), count
        for minute in past[-READ:]:
            for candle in minute[:count]:
                self._client.zadd(_key(candle), {to_json(candle): candle.open_time})

    def close(self, minute: Sequence[Candle]) -> None:
        for candle in minute[: self._count]:
            self._close(candle)

    def _close(self, candle: Candle) -> None:
        key, client = _key(candle), self._client
        client.zadd(key, {to_json(candle): candle.open_time})
        client.zremrangebyrank(key, 0, -1001)
        client.publish("naive:candles", to_json(candle))
        indicator, value, line = PlainMacdv(), 0.0, 0.0
        for row in map(json.loads, client.zrange(key, -READ, -1)):
            value, line = indicator.add(float(row["high"]), float(row["low"]), float(row["close"]))
        before = json.loads(client.get(f"{key}:value") or "null")
        told = json.dumps({"value": value, "signal": line, "timestamp": candle.open_time})
        client.set(f"{key}:value", told)
        client.publish("naive:signals", told)
        if before and any(before["value"] <= level < value or before["value"] >= -level > value for level in LEVELS):
            client.publish("naive:alerts", told)

    def end(self) -> None:
        self._client.close()


def _key(candle: Candle) -> str:
    return f"naive:{candle.series}"
