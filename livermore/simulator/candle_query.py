"""The REST query for candles: what it has to carry, what is refused, and its answer (`exchanges.md` 2)."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.request import invalid
from livermore.simulator.source import Facts

MOST = 350
"""Candles in one answer."""

GRANULARITIES = {
    "ONE_MINUTE": Timeframe.M1,
    "FIVE_MINUTE": Timeframe.M5,
    "FIFTEEN_MINUTE": Timeframe.M15,
    "ONE_HOUR": Timeframe.H1,
    "FOUR_HOUR": Timeframe.H4,
    "ONE_DAY": Timeframe.D1,
}


class Row(msgspec.Struct):
    """``start`` in UNIX seconds; all values are strings."""

    start: str
    low: str
    high: str
    open: str
    close: str
    volume: str


class CandleQuery(NamedTuple):
    """``first`` and ``last`` are ms UTC, both included."""

    timeframe: Timeframe
    first: int
    last: int
    limit: int


def read_query(query: Mapping[str, str]) -> CandleQuery:
    """Read the parameters ``start``, ``end``, ``granularity`` and ``limit``.

    Raises:
        Refusal: one is missing or makes no sense, or they span more than 350 buckets.
    """
    timeframe = GRANULARITIES.get(query.get("granularity", ""))
    if timeframe is None:
        raise invalid(f"granularity has to be one of {', '.join(GRANULARITIES)}")
    first, last = _number(query, "start") * 1_000, _number(query, "end") * 1_000
    limit = _number(query, "limit", MOST)
    if first > last:
        raise invalid("start lies after end")
    if not 0 < limit <= MOST:
        raise invalid(f"limit has to lie between 1 and {MOST}")
    if last // timeframe.ms - -(-first // timeframe.ms) + 1 > MOST:
        raise invalid(f"number of candles requested should be less than or equal to {MOST}")
    return CandleQuery(timeframe, first, last, limit)


def candle_rows(facts: Facts, symbol: str, query: CandleQuery, now: int) -> list[Row]:
    """The newest candles that were asked for, newest first, as they stand at ``now`` (ms UTC)."""
    found = facts.candles(symbol, query.timeframe, query.first, query.last, now)
    return list(map(_row, found[: -query.limit - 1 : -1]))


def _row(c: Candle) -> Row:
    return Row(str(c.open_time // 1_000), c.low, c.high, c.open, c.close, c.volume)


def _number(query: Mapping[str, str], name: str, otherwise: int | str = "") -> int:
    text = query.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise invalid(f"{name} has to be a whole number")
    return int(text)
