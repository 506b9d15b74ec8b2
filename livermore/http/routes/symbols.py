"""Symbols: the pairs that are watched, with what is known of each."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Literal

from livermore.http import examples
from livermore.http.answer import Answer, of_model
from livermore.http.cursor import seal, unseal
from livermore.http.directory import Market, simulated
from livermore.http.parameters import Cursor, ExchangeName, Parameters, count
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import Meta, SymbolItem, SymbolPage, meta
from livermore.market.amount import text_of
from livermore.market.ticker import Ticker
from livermore.store import ticks
from livermore.store.catalogue import Listed, page

if TYPE_CHECKING:
    from livermore.http.front import Front

HIGH, MEDIUM = 0.6, 0.3


class SymbolParameters(Parameters):
    """Which symbols."""

    exchange: ExchangeName | None = None
    limit: count(1000) = 100  # type: ignore[valid-type]  # a type that is made by a function
    cursor: Cursor | None = None


async def symbols(front: "Front", asked: SymbolParameters) -> Answer:
    """One page of the catalogue."""
    markets = await front.directory.chosen(asked.exchange)
    only = markets[0].name if len(markets) == 1 else None
    scope = ("symbols", only or "")
    after = unseal(scope, asked.cursor, int) if asked.cursor is not None else 0
    found = await front.database.run_aside(partial(page, exchange=only, after=after, limit=asked.limit + 1))
    rows = found[: asked.limit]
    cursor = seal(scope, rows[-1].id) if len(found) > asked.limit else None
    items = await _items(front, markets, rows)
    facts = Meta(**meta(len(items), cursor, simulated=await simulated(markets)))
    return of_model(SymbolPage(success=True, data=items, meta=facts))


async def _items(front: "Front", markets: list[Market], rows: Sequence[Listed]) -> list[SymbolItem]:
    found = await asyncio.gather(*(_tickers(front, market, rows) for market in markets))
    tickers = {pair: ticker for part in found for pair, ticker in part.items()}
    return [_item(row, tickers.get((row.exchange, row.symbol))) for row in rows]


async def _tickers(front: "Front", market: Market, rows: Sequence[Listed]) -> dict[tuple[str, str], Ticker]:
    listed = [row.symbol for row in rows if row.exchange == market.name]
    found = await front.redis.run(ticks.read(market.keys, listed)) if listed else []
    return {(market.name, ticker.symbol): ticker for ticker in found if ticker is not None}


def _item(row: Listed, ticker: Ticker | None) -> SymbolItem:
    told = text_of(Decimal(row.volume_24h)) if row.volume_24h is not None else None
    return SymbolItem(
        symbol=row.symbol,
        base=row.base,
        quote=row.quote,
        exchange=row.exchange,
        liquidity_grade=_grade(row.liquidity_score),
        last_price=ticker.price if ticker is not None else None,
        volume_24h=ticker.volume24h if ticker is not None else told,
    )


def _grade(score: float | None) -> Literal["high", "medium", "low"]:
    return "low" if score is None or score < MEDIUM else "medium" if score < HIGH else "high"


_FIRST = {name: f"$response.body#/data/0/{name}" for name in ("exchange", "symbol")}

ROUTES = [
    Route(
        f"{PUBLIC}/symbols",
        SymbolParameters,
        symbols,
        Access.READ,
        Document(
            "Symbols",
            "The pairs that are watched",
            "Whoever follows the cursors gets every pair exactly once.",
            SymbolPage,
            examples.SYMBOLS,
            also=(404,),
            leads={
                "get_candles": {**_FIRST, "timeframe": "1h"},
                "get_coverage": {**_FIRST, "timeframe": "2h"},
                "get_signals_of_symbol": _FIRST,
            },
        ),
    )
]
