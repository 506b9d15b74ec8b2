"""Exchanges: which there are, and whether their data are fresh."""

import asyncio
from typing import TYPE_CHECKING

from livermore.http import examples
from livermore.http.answer import Answer, of_model
from livermore.http.market_state import state
from livermore.http.parameters import Parameters
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import ExchangePage, Meta, meta

if TYPE_CHECKING:
    from livermore.http.front import Front


async def exchanges(front: "Front", _: Parameters) -> Answer:
    """All that are shown."""
    markets = await front.directory.markets()
    items = await asyncio.gather(*(state(front, market) for market in markets))
    facts = Meta(**meta(len(items), simulated=any(item.simulated for item in items)))
    return of_model(ExchangePage(success=True, data=list(items), meta=facts))


ROUTES = [
    Route(
        f"{PUBLIC}/exchanges",
        Parameters,
        exchanges,
        Access.READ,
        Document(
            "Exchanges",
            "Exchanges, and how fresh their data are",
            "`online`: data come in; `stale`: they lag behind; `offline`: nobody reads this exchange now.",
            ExchangePage,
            examples.EXCHANGES,
            leads={name: {"exchange": "$response.body#/data/0/id"} for name in ("get_symbols", "get_signals")},
        ),
    )
]
