"""The admin API of positions: what our own account holds, what it is worth, and what it has cost."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import Field

from livermore.http.answer import Answer, of_data
from livermore.http.parameters import ExchangeName, Parameters
from livermore.http.positions import added_up, shown
from livermore.http.refusal import not_found
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN, ExchangeParameters
from livermore.market.amount import canonical
from livermore.store import positions

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

POSITIONS = f"{ADMIN}/positions"
TAG = "Positions"
_CELL = {"value": 62.5, "stage": "rallying", "ready": True, "stale": False}
_EXAMPLE = {
    "exchange": "coinbase", "symbol": "BTC", "displayName": "BTC Wallet", "pair": "BTC-USD", "quantity": "0.52",
    "availableQuantity": "0.5", "costBasis": "31200", "currentPrice": "65000.01", "currentValue": "33800.01",
    "unrealizedPnL": "2600.01", "unrealizedPnLPercent": "8.33", "lastUpdated": "2026-08-09T21:05:00.000Z",
    "timeframes": {"1h": _CELL, "4h": _CELL, "1d": _CELL | {"value": None, "stage": "unknown", "ready": False}},
    "outlook": "No Data",
}  # fmt: skip
_WHOLE = {
    "totalValue": "33800.01", "totalCostBasis": "31200", "totalPnL": "2600.01", "totalPnLPercent": "8.33",
    "positions": [_EXAMPLE], "lastSynced": "2026-08-09T21:05:00.000Z",
}  # fmt: skip


class AnyExchangeParameters(Parameters):
    """Which exchange, or all."""

    exchange: ExchangeName | None = None


class PositionParameters(Parameters):
    """Which position: the name of its currency, or of its pair."""

    exchange: ExchangeName
    symbol: str = Field(min_length=1, max_length=50)


class CostParameters(PositionParameters):
    """What it has cost, in dollars and cents."""

    costBasis: str = Field(pattern=r"^[0-9]{1,20}(\.[0-9]{1,2})?$")  # noqa: N815 - as it is called where it is shown


async def whole(front: "Front", asked: AnyExchangeParameters) -> Answer:
    """All positions and what they add up to."""
    markets = await front.directory.chosen(asked.exchange)
    items = [item for found in await asyncio.gather(*(shown(front, one) for one in markets)) for item in found]
    reads = (partial(positions.synced_at, exchange=one.name) for one in markets)
    return of_data(added_up(items, await asyncio.gather(*map(front.database.run_aside, reads))))


async def every(front: "Front", asked: ExchangeParameters) -> Answer:
    """The positions of one exchange."""
    return of_data(await shown(front, await front.directory.market(asked.exchange)))


async def one(front: "Front", asked: PositionParameters) -> Answer:
    """One position."""
    return of_data(await _found(front, asked))


async def change(front: "Front", asked: CostParameters) -> Answer:
    """Say what a position has cost."""
    found = await _found(front, asked)
    work = partial(positions.set_cost_basis, exchange=found["exchange"], symbol=found["symbol"])
    if not await front.database.run_aside(partial(work, cost_basis=canonical(asked.costBasis))):
        raise not_found("Position", "symbol")
    _log.info("the cost of a position was changed", exchange=found["exchange"], symbol=found["symbol"])
    return of_data(await _found(front, asked))


async def _found(front: "Front", asked: PositionParameters) -> dict[str, Any]:
    market = await front.directory.market(asked.exchange)
    wanted = asked.symbol.upper().replace("/", "-")
    items = await shown(front, market)
    found = next((item for item in items if wanted in {item["symbol"].upper(), item["pair"]}), None)
    if found is None:
        raise not_found("Position", "symbol")
    return found


ROUTES = [
    Route(
        POSITIONS,
        AnyExchangeParameters,
        whole,
        Access.ADMIN,
        Document(
            TAG, "All positions, and what they add up to", "Amounts are decimal strings.", example=_WHOLE, also=(404,)
        ),
    ),
    Route(
        f"{POSITIONS}/{{exchange}}",
        ExchangeParameters,
        every,
        Access.ADMIN,
        Document(TAG, "The positions of an exchange", "What cannot be said is null.", example=[_EXAMPLE], also=(404,)),
    ),
    Route(
        f"{POSITIONS}/{{exchange}}/{{symbol}}",
        PositionParameters,
        one,
        Access.ADMIN,
        Document(TAG, "One position, by its currency or its pair", example=_EXAMPLE, also=(404,)),
    ),
    Route(
        f"{POSITIONS}/{{exchange}}/{{symbol}}",
        CostParameters,
        change,
        Access.ADMIN,
        Document(
            TAG,
            "What a position has cost",
            "`costBasis`: dollars, at most two decimals.",
            example=_EXAMPLE,
            also=(404,),
        ),
        methods=("PUT", "PATCH"),
        body=True,
    ),
]
