"""Positions as people see them: what the account holds, what it is worth, and what the larger timeframes say of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from livermore.http import portfolio
from livermore.http.directory import Market
from livermore.market.amount import text_of, total
from livermore.market.holding import price_of, profit, value
from livermore.market.instant import iso
from livermore.market.outlook import TIMEFRAMES, outlook
from livermore.store import positions, prices
from livermore.store.positions import Position

if TYPE_CHECKING:
    from livermore.http.front import Front

UNKNOWN = {"value": None, "stage": "unknown", "ready": False, "stale": True}
"""What is said of a timeframe of which nothing is computed: null, which is not nought."""


async def shown(front: "Front", market: Market) -> list[dict[str, Any]]:
    """Every position of an exchange, by name; what cannot be said is null."""
    held = await front.database.run_aside(partial(positions.held, exchange=market.name))
    currencies = [one.symbol for one in held]
    known = await prices.prices(front.redis, market.keys, market.name, currencies)
    pairs = prices.watched_pairs(currencies, await market.symbols())
    told = {row["symbol"]: row for row in await portfolio.portfolio(front, market, [*pairs.values()])}
    return [_item(market.name, one, known, pairs.get(one.symbol), told) for one in held]


def _item(
    exchange: str, one: Position, known: Mapping[str, str], pair: str | None, told: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    price = price_of(one.symbol, known)
    worth = value(one.quantity, price)
    gained, share = profit(worth, one.cost_basis)
    row = told.get(pair or "", {"timeframes": dict.fromkeys(TIMEFRAMES, UNKNOWN), "outlook": outlook(None, None, None)})
    return {
        "exchange": exchange,
        "symbol": one.symbol,
        "displayName": one.display_name,
        "pair": pair,
        "quantity": one.quantity,
        "availableQuantity": one.available,
        "costBasis": one.cost_basis,
        "currentPrice": price,
        "currentValue": worth,
        "unrealizedPnL": gained,
        "unrealizedPnLPercent": share,
        "lastUpdated": iso(one.synced_at),
        "timeframes": row["timeframes"],
        "outlook": row["outlook"],
    }


def added_up(items: Sequence[Mapping[str, Any]], synced: Sequence[int | None]) -> dict[str, Any]:
    """All of them together. Profit is that of the positions of which both value and cost are known."""
    whole = [one for one in items if one["unrealizedPnL"] is not None]
    gained, share = profit(_sum(whole, "currentValue"), _sum(whole, "costBasis"))
    times = [at for at in synced if at is not None]
    return {
        "totalValue": _sum(items, "currentValue"),
        "totalCostBasis": _sum(items, "costBasis"),
        "totalPnL": gained,
        "totalPnLPercent": share,
        "positions": list(items),
        "lastSynced": iso(min(times)) if times else None,
    }


def _sum(items: Sequence[Mapping[str, Any]], field: str) -> str:
    return text_of(total(Decimal(one[field]) for one in items if one[field] is not None))
