"""The admin API of exchanges: what they are, who is busy with them, and whether credentials for them are there."""

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic import Field

from livermore.http.answer import Answer, of_data
from livermore.http.parameters import Parameters
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.http.variables import ABOUT, Variable, is_set
from livermore.market.instant import iso
from livermore.store import exchange_book, status, user_exchanges
from livermore.store.exchange_book import Facts

if TYPE_CHECKING:
    from livermore.http.front import Front


EXCHANGES = f"{ADMIN}/exchanges"
TAG = "Exchanges"
_EXCHANGE = {
    "id": 1, "exchange": "coinbase", "display_name": "Coinbase", "timeframes": ["1m", "5m"],
    "fees": {"maker": 0.006, "taker": 0.012}, "geo_restrictions": None, "symbol_count": 700, "active_count": 100,
}  # fmt: skip


class VariableParameters(Parameters):
    """Names to look for."""

    names: list[Variable] = Field(min_length=1, max_length=10)


async def exchanges(front: "Front", _: Parameters) -> Answer:
    """Every exchange, with what SQL knows of it."""
    found = await _facts(front)
    times = [one.refreshed_at for one in found if one.refreshed_at is not None]
    told = [_shown(one) | {"symbol_count": one.symbols, "active_count": one.watched} for one in found]
    return of_data({"exchanges": told, "last_refresh": iso(max(times)) if times else None})


async def statuses(front: "Front", _: Parameters) -> Answer:
    """Every exchange, whether somebody runs its pipeline now, and whether any user's credentials for it are there."""
    found, markets = await _facts(front), await front.directory.markets()
    held = await asyncio.gather(*(front.redis.run(status.read(market.keys)) for market in markets))
    busy = {market.name for market, one in zip(markets, held, strict=True) if one is not None}
    active = await front.database.run_aside(user_exchanges.active)
    ready = {one.exchange for one in active if all(map(is_set, one.variables))}
    told = [_shown(one) | {"is_busy": one.name in busy, "has_credentials": one.name in ready} for one in found]
    return of_data({"exchanges": told})


async def variables(_: "Front", asked: VariableParameters) -> Answer:
    """Whether variables are set where this front runs; what is in them is not said."""
    return of_data({"variables": {name: is_set(name) for name in asked.names}})


async def _facts(front: "Front") -> list[Facts]:
    """Of those that this front shows."""
    shown = {market.name for market in await front.directory.markets()}
    return [one for one in await front.database.run_aside(exchange_book.facts) if one.name in shown]


def _shown(one: Facts) -> dict[str, Any]:
    return {
        "id": one.id,
        "exchange": one.name,
        "display_name": one.display_name,
        "timeframes": one.timeframes,
        "fees": one.fees,
        "geo_restrictions": one.geo_restrictions,
    }


ROUTES = [
    Route(
        EXCHANGES,
        Parameters,
        exchanges,
        Access.ADMIN,
        Document(
            TAG,
            "Which exchanges there are",
            "`active_count` is how many symbols are watched.",
            example={"exchanges": [_EXCHANGE], "last_refresh": "2026-02-18T12:00:00.000Z"},
            operation="get_exchange_facts",
        ),
    ),
    Route(
        f"{EXCHANGES}/statuses",
        Parameters,
        statuses,
        Access.ADMIN,
        Document(
            TAG,
            "Which exchanges are busy",
            "`is_busy`: somebody runs its pipeline; `has_credentials`: some active account's variables are set.",
            example={
                "exchanges": [
                    {name: value for name, value in _EXCHANGE.items() if not name.endswith("_count")}
                    | {"is_busy": True, "has_credentials": True}
                ]
            },
            operation="get_exchange_statuses",
        ),
    ),
    Route(
        f"{EXCHANGES}/variables",
        VariableParameters,
        variables,
        Access.ADMIN,
        Document(
            TAG,
            "Whether variables are set",
            ABOUT,
            example={"variables": {"Coinbase_ApiKeyId": True}},
            operation="check_variables",
        ),
        methods=("POST",),
        body=True,
    ),
]
