"""What there is to say of symbols as people write them: whether the catalogue has them, and which are named twice."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from livermore.http.directory import Market
from livermore.store import catalogue_book, ticks
from livermore.store.catalogue_book import Entry

if TYPE_CHECKING:
    from livermore.http.front import Front

UNKNOWN, OFF, TWICE, WATCHED = "not listed", "not traded", "named twice", "watched already"


async def entries(front: "Front", market: Market, written: Sequence[str]) -> list[Entry | None]:
    """What the catalogue has for each of these, in their order; of several that may be meant the most traded."""
    names = [spelled(one) for one in written]
    work = partial(catalogue_book.named, exchange_id=market.exchange.id, names=sorted({*names}))
    found = await front.database.run_aside(work)
    by_name: dict[str, Entry] = {}
    for entry in reversed(found):
        by_name |= {entry.symbol.replace("-", ""): entry}
    by_name |= {entry.symbol: entry for entry in found}
    return [by_name.get(name) for name in names]


def spelled(written: str) -> str:
    """In capitals, as a pair where it is written as one: ``btc/usd`` is ``BTC-USD``."""
    return written.strip().upper().replace("/", "-")


async def one(front: "Front", market: Market, written: str) -> dict[str, Any]:
    """Whether it can be watched, and what is known of it."""
    (entry,) = await entries(front, market, [written])
    if entry is None or not entry.active:
        return {"valid": False, "symbol": spelled(written), "error": UNKNOWN if entry is None else OFF}
    (ticker,) = await front.redis.run(ticks.read(market.keys, [entry.symbol]))
    metrics = {
        "price": None if ticker is None else ticker.price,
        "price_change_24h": None if ticker is None else ticker.change_percent24h,
        "volume_24h": entry.volume_24h if ticker is None else ticker.volume24h,
        "base": entry.base,
        "quote": entry.quote,
        "rank": entry.rank,
        "liquidity_score": entry.liquidity_score,
    }
    return {"valid": True, "symbol": entry.symbol, "watched": entry.watched, "metrics": metrics}


async def many(front: "Front", market: Market, written: Sequence[str]) -> dict[str, Any]:
    """Those that may be watched from now on, those that cannot be, and those that are already, or are named twice."""
    found = await entries(front, market, written)
    told: Mapping[str, list[dict[str, Any]]] = {"valid": [], "invalid": [], "duplicate": []}
    seen = set[str]()
    for text, entry in zip(written, found, strict=True):
        symbol = spelled(text) if entry is None else entry.symbol
        kind, reason = _judged(entry, twice=symbol in seen)
        about = {"symbol": symbol} if reason is None else {"symbol": symbol, "error": reason}
        told[kind].append(about)
        seen.add(symbol)
    return {**told, "summary": {"total": len(written)} | {kind: len(part) for kind, part in told.items()}}


def _judged(entry: Entry | None, *, twice: bool) -> tuple[str, str | None]:
    if twice:
        return "duplicate", TWICE
    if entry is None or not entry.active:
        return "invalid", UNKNOWN if entry is None else OFF
    return ("duplicate", WATCHED) if entry.watched else ("valid", None)
