"""What is stored: having it compared with the exchange again, and clearing it: the poller brings what is missing."""

from collections.abc import Sequence
from itertools import product
from typing import Any, Literal

from pydantic import Field, model_validator

from livermore.control.kind import Kind
from livermore.control.office import CommandFailed, Office
from livermore.control.symbols import INDICATORS, Symbol
from livermore.lifecycle_machine import RUNNING
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.settings import Options
from livermore.store import forgetting, symbols

AT_ONCE = 50
"""Series of one script."""


class Backfill(Options):
    """Of which symbol; with no timeframe named, of all of them."""

    symbol: Symbol
    timeframes: tuple[Timeframe, ...] = Field(tuple(Timeframe), min_length=1)


class Clearing(Options):
    """What to clear: everything, a symbol in all timeframes, or a timeframe of all symbols."""

    scope: Literal["all", "symbol", "timeframe"]
    symbol: Symbol | None = None
    timeframe: Timeframe | None = None

    @model_validator(mode="after")
    def _names_its_scope(self) -> "Clearing":
        if self.scope != "all" and getattr(self, self.scope) is None:
            raise ValueError(f"expected {self.scope}, as the scope is {self.scope}")
        return self


async def backfill(office: Office, asked: Backfill) -> dict[str, Any]:
    """Have all candles of a symbol asked for again; what differs is corrected, what is missing stored."""
    lease = office.lease()
    if office.reign.phase not in RUNNING:
        raise CommandFailed(f"the pipeline of {office.exchange} is not started: nobody would ask for them")
    await _check(office, asked.symbol)
    series = [Series(office.exchange, asked.symbol, timeframe) for timeframe in asked.timeframes]
    await office.redis.run(forgetting.doubt(lease, series))
    return {"backfilled": True, "symbol": asked.symbol, "timeframes": list(asked.timeframes)}


async def clear(office: Office, asked: Clearing) -> dict[str, Any]:
    """Delete candles, indicators and tickers; a pipeline that runs fetches and computes them anew."""
    lease = office.lease()
    some = await office.redis.run(symbols.read(office.keys))
    if asked.symbol is not None and asked.scope == "symbol":
        await _check(office, asked.symbol)
        some = [asked.symbol]
    timeframes = [asked.timeframe] if asked.scope == "timeframe" else [*Timeframe]
    series = [Series(office.exchange, *pair) for pair in product(some, timeframes)]
    tickers = [] if asked.scope == "timeframe" else some
    deleted = await office.redis.run(forgetting.forget(lease, [], [], tickers))
    for start in range(0, len(series), AT_ONCE):
        part: Sequence[Series] = series[start : start + AT_ONCE]
        deleted += await office.redis.run(forgetting.forget(lease, part, INDICATORS, []))
    return {"cleared": True, "scope": asked.scope, "deletedCount": deleted}


async def _check(office: Office, symbol: str) -> None:
    if symbol not in await office.redis.run(symbols.read(office.keys)):
        raise CommandFailed(f"{symbol} is not watched on {office.exchange}")


KINDS = (
    Kind("force-backfill", 20, Backfill, backfill),
    Kind("clear-cache", 20, Clearing, clear),
)
