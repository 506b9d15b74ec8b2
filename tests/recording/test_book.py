"""The book in memory does what the book in Redis does, whatever is closed in whatever order."""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.recording.book import MemoryBook
from livermore.store import candles
from livermore.store.candle_book import CandleBook, Change
from livermore.store.candles import Known
from livermore.store.lease import Lease, claim
from livermore.store.redis import AsyncRedisStore
from tests.support.candles import BTC, T0, candle
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

HISTORY = 8
SERIES = [BTC._replace(timeframe=timeframe) for timeframe in Timeframe]
Call = tuple[list[Candle], list[Known], bool]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """One page of a series: by the wire or by REST, as news, as history, or as history that begins anew."""
    series = draw(st.sampled_from([BTC, BTC, SERIES[1], SERIES[2]]))
    first = draw(st.integers(0, 60))
    last = first + draw(st.integers(0, 10))
    rest, anew = draw(st.booleans()), draw(st.integers(0, 9)) == 0
    price = st.sampled_from(["1", "2", "0"])  # a price of nought cannot be true
    closes = {n: draw(price) for n in range(first, last + 1) if draw(st.booleans())}
    step = series.timeframe.ms
    found = [candle(n, close, series=series) for n, close in closes.items()]
    if rest:
        return found, [Known(series, T0 + first * step, T0 + last * step, rest=True, anew=anew)], not anew
    return found, [Known(series, T0 + n * step, T0 + n * step) for n in range(first, last + 1)], True


def begun() -> list[Known]:
    return [Known(s, T0 - s.timeframe.ms, T0 - s.timeframe.ms, rest=True) for s in SERIES]


async def of_redis(place: Valkey, asked: Sequence[Call]) -> tuple[list[list[Change]], dict[str, object]]:
    redis, lease = AsyncRedisStore(place.place), Lease("coinbase", 1, owner())
    await redis.run(claim(lease, 60_000))
    book = CandleBook(redis, lease, HISTORY)
    told = [await book.close([], begun())]
    told += [await book.close(found, known, news=news) for found, known, news in asked]
    held = {str(s): await redis.run(candles.newest(KEYS, s, 1_000)) for s in SERIES}
    cursors = await redis.run(candles.cursors(KEYS))
    rewrites = await redis.run(candles.rewrites_of(KEYS, SERIES))
    await redis.close()
    return told, {**held, "cursors": cursors, "rewrites": rewrites}


def of_memory(asked: Sequence[Call]) -> tuple[list[list[Change]], dict[str, object]]:
    book = MemoryBook(HISTORY)
    told = [book.close([], begun())]
    told += [book.close(found, known, news=news) for found, known, news in asked]

    def held(series: Series) -> list[Candle]:
        found = book.candles.get(series, {})
        return [found[at] for at in sorted(found)]

    cursors = {str(s): c for s, c in book.cursors.items()}
    rewrites = [book.rewrites[s] for s in SERIES]
    return told, {**{str(s): held(s) for s in SERIES}, "cursors": cursors, "rewrites": rewrites}


@settings(max_examples=150, deadline=None)
@given(st.lists(calls(), max_size=12))
def test_both_books_tell_the_same_changes_and_hold_the_same_candles_cursors_and_rewrites(
    valkey_server: Valkey, asked: list[Call]
) -> None:
    valkey_server.flush()
    assert of_memory(asked) == asyncio.run(of_redis(valkey_server, asked))
