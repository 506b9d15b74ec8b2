"""The candle meter: how new the newest candle of each watched series is, and how far the series is known."""

from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from livermore.http.directory import Market
from livermore.http.snapshot import portions
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import candles, catalogue_book

if TYPE_CHECKING:
    from livermore.http.front import Front

LATER = 1 << 52
"""A time (ms) after all candles."""
Times = dict[str, dict[str, int | None]]
"""Open times (ms) by symbol and timeframe; None where there is none."""


async def meter(front: "Front", market: Market) -> dict[str, Any]:
    """Plain data, symbols most traded first."""
    watched = await market.symbols()
    every = [Series(market.name, *pair) for pair in product(watched, Timeframe)]
    newest, known = await _newest(front, market, every), await _known(front, market, every)
    ranks = await front.database.run_aside(
        partial(catalogue_book.ranks, exchange_id=market.exchange.id, symbols=watched)
    )
    return {
        "exchange": market.name,
        "symbols": watched,
        "timestamps": _by_symbol(every, newest),
        "known": _by_symbol(every, known),
        "ranks": {symbol: ranks.get(symbol) for symbol in watched},
    }


async def _newest(front: "Front", market: Market, every: Sequence[Series]) -> list[int | None]:
    found: list[int | None] = []
    for portion in portions(every):
        found += await front.redis.run_all([candles.newest_before(market.keys, one, LATER) for one in portion])
    return found


async def _known(front: "Front", market: Market, every: Sequence[Series]) -> list[int | None]:
    found = await front.redis.run(candles.cursors_of(market.keys, every)) if every else []
    return [cursor and cursor.through for cursor in found]


def _by_symbol(every: Sequence[Series], times: Sequence[int | None]) -> Times:
    told: Times = {}
    for series, time in zip(every, times, strict=True):
        told.setdefault(series.symbol, {})[series.timeframe] = time
    return told
