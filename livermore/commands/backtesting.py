"""What `livermore alerts backtest` does: the histories that it is asked about, and what would have fired over them."""

import heapq
from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from livermore.commands.common import Asked, Variables, complain, exchange_of, say, seen_enough
from livermore.commands.computing import rows, stem
from livermore.commands.hindsight import Hindsight
from livermore.commands.pipeline import Pipeline, pipeline_of
from livermore.errors import LivermoreError
from livermore.indicators.bars import filled
from livermore.market.amount import text_of
from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.store import candles
from livermore.store.keys import Keys
from livermore.store.query import Query
from livermore.store.redis import AsyncRedisStore


def over_file(asked: Asked, variables: Variables) -> int:
    """Over the rows of a CSV file."""
    exchange, (timeframe, *further) = exchange_of(asked, variables), asked.timeframe or [None]
    if further:
        raise LivermoreError("a file has candles of one timeframe: give --timeframe once, or not at all")
    pipeline = pipeline_of(asked, variables, exchange)
    given = rows(asked.csv, Timeframe(timeframe) if timeframe else None)
    series = Series(exchange, asked.symbol or stem(asked.csv), given.timeframe)
    closes = (text_of(Decimal(repr(close))) for close in given.close.tolist())
    return tell(asked, pipeline, [Hindsight(series, given.bars(), closes, pipeline.indicator, pipeline.rules)])


async def over_stored(asked: Asked, variables: Variables, redis: AsyncRedisStore, keys: Keys) -> int:
    """Over the candles that are stored."""
    if not asked.symbol:
        raise LivermoreError("expected a pair, as --symbol BTC-USD, or a file, as --csv FILE")
    exchange = exchange_of(asked, variables)
    pipeline = pipeline_of(asked, variables, exchange)
    wanted = [Series(exchange, asked.symbol, Timeframe(t)) for t in asked.timeframe or pipeline.timeframes]
    cursors = await redis.run(candles.cursors_of(keys, wanted))
    found = []
    for series, cursor in zip(wanted, cursors, strict=True):
        stored = await redis.run(_kept(keys, series, cursor.since, cursor.through)) if cursor is not None else []
        if stored:
            closes = (candle.close for candle in stored)
            found.append(Hindsight(series, filled(stored), closes, pipeline.indicator, pipeline.rules))
    if not found:
        raise LivermoreError(f"no candles of {asked.symbol} are stored here for {exchange}")
    return tell(asked, pipeline, found)


def _kept(keys: Keys, series: Series, first: int, last: int) -> Query[list[Candle]]:
    return candles.between(keys, series, first, last)


def tell(asked: Asked, pipeline: Pipeline, histories: Sequence[Hindsight]) -> int:
    """List what would have fired, in the order in which candles closed, and what it rests on."""
    since = float("-inf") if asked.since is None else asked.since
    with seen_enough():
        for at, fired in heapq.merge(*map(iter, histories), key=lambda pair: pair[0]):
            if at >= since:
                say(msgspec.json.encode(fired).decode() if asked.json else fired)
        for told in _summary(pipeline, histories):
            complain(told)
    return 0


def _summary(pipeline: Pipeline, histories: Sequence[Hindsight]) -> Iterator[str]:
    yield from map(str, histories)
    rules = " and ".join(pipeline.words) or "no rules"
    yield f"{pipeline.indicator.recipe} with {rules}, as in {pipeline.file}"
