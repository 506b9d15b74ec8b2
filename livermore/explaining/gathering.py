"""Gathering what explains an alert: its row from SQL, and what Redis still holds of its candles."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from livermore.explaining.explanation import Explanation, Stored, explained
from livermore.indicators.macdv import Macdv, Options
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import candles, gaps, signals
from livermore.store.alert_history import Recorded, recorded
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database


async def explain(redis: AsyncRedisStore, database: Database, alert_id: str) -> Explanation | None:
    """Why the alert of this id was raised; None where no such alert is recorded.

    Raises:
        Transient: a store cannot answer.
    """
    row = await database.run_aside(partial(recorded, alert_id=alert_id))
    if row is None:
        return None
    return await asyncio.to_thread(explained, row, await _stored(redis, row))


async def _stored(redis: AsyncRedisStore, row: Recorded) -> Stored:
    keys, timeframe = Keys(row.exchange_id), Timeframe(row.timeframe)
    series = Series(row.exchange, row.symbol, timeframe)
    made_of = [series._replace(timeframe=one) for one in Timeframe if one.ms <= timeframe.ms]
    (record,) = await redis.run(signals.records(keys, [series], Macdv.kind))
    (cursor,) = await redis.run(candles.cursors_of(keys, [series]))
    held = await redis.run(candles.between(keys, series, 0, row.candle_time))
    ledger = [gap for one in made_of for gap in await redis.run(gaps.of(keys, one))]
    return Stored(held, cursor, ledger, _indicator(record))


def _indicator(record: Mapping[str, Any] | None) -> Macdv:
    """With the periods of this record; the shipped ones where there is none."""
    params = record["params"] if record is not None else {}
    return Macdv(Options(**{key: params[f"{key}Period"] for key in Options.model_fields if f"{key}Period" in params}))
