"""Adding symbols to those that are watched, and taking some away: beside whatever the tree's own choice is."""

from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from livermore.control.kind import Kind
from livermore.control.office import CommandFailed, Office
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.settings import Options
from livermore.store import catalogue, forgetting, symbols
from livermore.store.directives import SYMBOLS

INDICATORS = ("macd-v", "macd")
"""Kinds whose records a symbol may have."""
PATIENCE = 20.0
"""Seconds for the pipeline to heed it."""

Symbol = Annotated[str, AfterValidator(lambda text: text.strip().upper()), Field(min_length=1, max_length=40)]


class OneSymbol(Options):
    """Which symbol."""

    symbol: Symbol


class ManySymbols(Options):
    """Which symbols."""

    symbols: tuple[Symbol, ...] = Field(min_length=1, max_length=200)


async def add(office: Office, asked: OneSymbol) -> dict[str, Any]:
    """Watch one more symbol."""
    if asked.symbol in await _watched(office):
        return {"added": False, "status": "already_exists", "symbol": asked.symbol, **await _total(office)}
    await _check(office, [asked.symbol])
    watched = await _change(office, {asked.symbol}, set())
    return {"added": True, "symbol": asked.symbol, **await _total(office), "backfilled": watched}


async def add_all(office: Office, asked: ManySymbols) -> dict[str, Any]:
    """Watch several more symbols."""
    watched = await _watched(office)
    new = [symbol for symbol in dict.fromkeys(asked.symbols) if symbol not in watched]
    await _check(office, new)
    if new:
        await _change(office, set(new), set())
    skipped = len(asked.symbols) - len(new)
    return {"added": len(new), "skipped": skipped, "symbols": new, **await _total(office)}


async def remove(office: Office, asked: OneSymbol) -> dict[str, Any]:
    """Watch a symbol no more, and forget what is stored of it."""
    if asked.symbol not in await _watched(office):
        return {"removed": False, "status": "not_found", "symbol": asked.symbol, **await _total(office)}
    gone = await _change(office, set(), {asked.symbol})
    if gone and office.reign.duty is not None:
        series = [Series(office.exchange, asked.symbol, timeframe) for timeframe in Timeframe]
        await office.redis.run(forgetting.forget(office.lease(), series, INDICATORS, [asked.symbol]))
    return {"removed": True, "symbol": asked.symbol, **await _total(office)}


async def _watched(office: Office) -> list[str]:
    return await office.redis.run(symbols.read(office.keys))


async def _total(office: Office) -> dict[str, Any]:
    return {"totalSymbols": len(await _watched(office))}


async def _check(office: Office, wanted: list[str]) -> None:
    listed = partial(catalogue.listed, exchange_id=office.keys.exchange_id, symbols=wanted)
    unknown = sorted({*wanted} - {*await office.database.run_aside(listed)})
    if unknown:
        raise CommandFailed(f"{office.exchange} lists no {', '.join(unknown)}")


async def _change(office: Office, added: set[str], removed: set[str]) -> bool:
    """Decide it; gives whether the pipeline has heeded it. One that does not run will, once it does."""
    before = await office.directive(SYMBOLS)
    held = before.value if before is not None else {}
    more = ({*held.get("added", [])} | added) - removed
    less = ({*held.get("removed", [])} | removed) - added
    await office.decide(SYMBOLS, {"added": sorted(more), "removed": sorted(less)})

    async def heeded() -> bool:
        watched = {*await _watched(office)}
        return added <= watched and not removed & watched

    return office.reign.duty is not None and await office.until_found(heeded, PATIENCE)


KINDS = (
    Kind("add-symbol", 15, OneSymbol, add),
    Kind("remove-symbol", 15, OneSymbol, remove),
    Kind("bulk-add-symbols", 15, ManySymbols, add_all),
)
