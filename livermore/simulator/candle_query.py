"""The REST query for candles: what it has to carry, what is refused, and its answer (`exchanges.md` 2)."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import msgspec

from livermore.market.amount import text_of, total
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
COMPOUND = {"THIRTY_MINUTE": (Timeframe.M15, 2), "TWO_HOUR": (Timeframe.H1, 2), "SIX_HOUR": (Timeframe.H1, 6)}
"""Those that are made of so many smaller ones."""


class Row(msgspec.Struct):
    """``start`` in UNIX seconds; all values are strings."""

    start: str
    low: str
    high: str
    open: str
    close: str
    volume: str


class CandleQuery(NamedTuple):
    """``first`` and ``last`` are ms UTC, both included; a row takes ``step`` ms, of which ``timeframe`` is a part."""

    timeframe: Timeframe
    step: int
    first: int
    last: int
    limit: int


def read_query(query: Mapping[str, str]) -> CandleQuery:
    """Read the parameters ``start``, ``end``, ``granularity`` and ``limit``.

    Raises:
        Refusal: one is missing or makes no sense, or they span more than 350 buckets.
    """
    timeframe, step = _granularity(query.get("granularity", ""))
    first, last = _number(query, "start") * 1_000, _number(query, "end") * 1_000
    limit = _number(query, "limit", MOST)
    if first > last:
        raise invalid("start lies after end")
    if not 0 < limit <= MOST:
        raise invalid(f"limit has to lie between 1 and {MOST}")
    if last // step - -(-first // step) + 1 > MOST:
        raise invalid(f"number of candles requested should be less than or equal to {MOST}")
    return CandleQuery(timeframe, step, first, last, limit)


def candle_rows(facts: Facts, symbol: str, query: CandleQuery, now: int) -> list[Row]:
    """The newest candles that were asked for, newest first, as they stand at ``now`` (ms UTC)."""
    step = query.step
    first, last = -(-query.first // step) * step, query.last // step * step + step - 1
    found = facts.candles(symbol, query.timeframe, first, last, now)
    rows = [_row(start * step, list(parts)) for start, parts in groupby(found, lambda c: c.open_time // step)]
    return rows[: -query.limit - 1 : -1]


def _row(start: int, parts: list[Candle]) -> Row:
    """One row of all candles from ``start`` (ms) on."""
    low, high = min((p.low for p in parts), key=Decimal), max((p.high for p in parts), key=Decimal)
    volume = text_of(total(Decimal(p.volume) for p in parts))
    return Row(str(start // 1_000), low, high, parts[0].open, parts[-1].close, volume)


def _granularity(name: str) -> tuple[Timeframe, int]:
    if name in COMPOUND:
        timeframe, parts = COMPOUND[name]
        return timeframe, timeframe.ms * parts
    if name in GRANULARITIES:
        return GRANULARITIES[name], GRANULARITIES[name].ms
    raise invalid(f"granularity has to be one of {', '.join((*GRANULARITIES, *COMPOUND))}")


def _number(query: Mapping[str, str], name: str, otherwise: int | str = "") -> int:
    text = query.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise invalid(f"{name} has to be a whole number")
    return int(text)
