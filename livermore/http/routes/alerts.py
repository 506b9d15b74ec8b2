"""Alerts: what the rules have found, newest first."""

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from livermore.http import examples
from livermore.http.answer import Answer, of_model
from livermore.http.cursor import seal, unseal
from livermore.http.directory import simulated
from livermore.http.parameters import Cursor, ExchangeName, OneTimeframe, Parameters, Symbol, count
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import AlertItem, AlertPage, Meta, meta
from livermore.http.symbols_meant import meant
from livermore.store.alert_history import Filter, page

if TYPE_CHECKING:
    from livermore.http.front import Front


class AlertParameters(Parameters):
    """Which alerts."""

    exchange: ExchangeName | None = None
    symbol: Symbol | None = None
    timeframe: OneTimeframe | None = None
    limit: count(100) = 50  # type: ignore[valid-type]  # a type that is made by a function
    cursor: Cursor | None = None


async def alerts(front: "Front", asked: AlertParameters) -> Answer:
    """One page of the history."""
    markets = await front.directory.chosen(asked.exchange)
    only = markets[0].name if len(markets) == 1 else None
    symbol = await meant(markets, asked.symbol) if asked.symbol is not None else None
    scope = ("alerts", only or "", symbol or "", asked.timeframe or "")
    before = unseal(scope, asked.cursor, int) if asked.cursor is not None else None
    wanted = Filter(only, symbol, asked.timeframe, before)
    found = await front.database.run_aside(partial(page, wanted=wanted, limit=asked.limit + 1))
    rows = found[: asked.limit]
    after = seal(scope, rows[-1][0]) if len(found) > asked.limit else None
    items = [AlertItem.model_validate(msgspec.structs.asdict(alert)) for _, alert in rows]
    facts = Meta(**meta(len(items), after, simulated=await simulated(markets)))
    return of_model(AlertPage(success=True, data=items, meta=facts))


ROUTES = [
    Route(
        f"{PUBLIC}/alerts",
        AlertParameters,
        alerts,
        Access.READ,
        Document(
            "Alerts",
            "Turns that were noticed, newest first",
            "Whoever follows the cursors gets every alert exactly once. `late` ones were noticed only after the fact.",
            AlertPage,
            examples.ALERTS,
            also=(404,),
            leads={
                "get_candles": {n: f"$response.body#/data/0/{n}" for n in ("exchange", "symbol", "timeframe")},
            },
        ),
    )
]
