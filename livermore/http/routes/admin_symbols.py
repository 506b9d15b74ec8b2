"""The admin API of symbols: the catalogue of each exchange, and whether what somebody writes is in it."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from livermore.http import verdict
from livermore.http.answer import Answer, of_data
from livermore.http.parameters import ExchangeName, Parameters, Symbol, count, number
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.store import catalogue_book
from livermore.store.catalogue_book import Which

if TYPE_CHECKING:
    from livermore.http.front import Front

CATALOGUE = f"{ADMIN}/catalogue/{{exchange}}"
TAG = "Symbols"
_ENTRY = {
    "id": 1, "symbol": "BTC-USD", "base": "BTC", "quote": "USD", "display_name": "BTC-USD", "volume_24h": "8123.5",
    "quote_volume_24h": "521903871.2", "rank": 1, "market_cap": None, "trade_count_24h": None, "liquidity_score": 0.97,
    "status": "online", "active": True, "watched": True, "updated_at": "2026-02-18T12:00:00.000Z",
}  # fmt: skip
_METRICS = {
    "price": "64250.15", "price_change_24h": "-0.5", "volume_24h": "8123.5", "base": "BTC", "quote": "USD", "rank": 1,
    "liquidity_score": 0.97,
}  # fmt: skip


class CatalogueParameters(Parameters):
    """Which part of the catalogue."""

    exchange: ExchangeName
    filter: Which = "all"
    page: number(1_000, "Which page, from 1 on") = 1  # type: ignore[valid-type]  # a type that is made by a function
    page_size: number(100, "How many rows, from 10 to 100", 10) = 50  # type: ignore[valid-type]  # as above


class SearchParameters(Parameters):
    """Which letters to look for."""

    exchange: ExchangeName
    query: str = Field(pattern=r"^[A-Za-z0-9/-]{1,20}$")
    limit: count(100) = 20  # type: ignore[valid-type]  # as above


class ValidateParameters(Parameters):
    """Which symbol."""

    exchange: ExchangeName
    symbol: Symbol


class ValidateAllParameters(Parameters):
    """Which symbols."""

    exchange: ExchangeName
    symbols: list[Annotated[str, Field(min_length=1, max_length=50)]] = Field(min_length=1, max_length=50)


async def catalogue(front: "Front", asked: CatalogueParameters) -> Answer:
    """One page, most traded first."""
    market = await front.directory.market(asked.exchange)
    offset = (asked.page - 1) * asked.page_size
    work = partial(
        catalogue_book.page, exchange_id=market.exchange.id, which=asked.filter, offset=offset, limit=asked.page_size
    )
    found = await front.database.run_aside(work)
    pages = -(-found.total // asked.page_size)
    return of_data(
        {
            "symbols": [entry._asdict() for entry in found.entries],
            "total": found.total,
            "page": asked.page,
            "page_size": asked.page_size,
            "total_pages": pages,
        }
    )


async def search(front: "Front", asked: SearchParameters) -> Answer:
    """What is traded and has these letters in it."""
    market = await front.directory.market(asked.exchange)
    letters = verdict.spelled(asked.query).replace("-", "")
    work = partial(catalogue_book.search, exchange_id=market.exchange.id, letters=letters, limit=asked.limit)
    found = await front.database.run_aside(work) if letters else []
    return of_data({"symbols": [entry._asdict() for entry in found]})


async def validate(front: "Front", asked: ValidateParameters) -> Answer:
    """Whether a symbol can be watched, and what is known of it."""
    return of_data(await verdict.one(front, await front.directory.market(asked.exchange), asked.symbol))


async def validate_all(front: "Front", asked: ValidateAllParameters) -> Answer:
    """The same, of many at once."""
    return of_data(await verdict.many(front, await front.directory.market(asked.exchange), asked.symbols))


_ANY_SPELLING = "Symbols may be spelled as `BTC-USD`, `BTC/USD` or `BTCUSD`, in any case; they are held against SQL."

ROUTES = [
    Route(
        CATALOGUE,
        CatalogueParameters,
        catalogue,
        Access.ADMIN,
        Document(
            TAG,
            "What an exchange lists",
            "By rank. `active` is what is traded, `watched` what the pipeline follows.",
            example={"symbols": [_ENTRY], "total": 1, "page": 1, "page_size": 50, "total_pages": 1},
            also=(404,),
            operation="get_catalogue",
        ),
    ),
    Route(
        f"{CATALOGUE}/search",
        SearchParameters,
        search,
        Access.ADMIN,
        Document(
            TAG,
            "Symbols by a few letters",
            "What begins with them comes first.",
            example={"symbols": [_ENTRY]},
            also=(404,),
            operation="search_symbols",
        ),
    ),
    Route(
        f"{CATALOGUE}/validate",
        ValidateParameters,
        validate,
        Access.ADMIN,
        Document(
            TAG,
            "Whether a symbol can be watched",
            _ANY_SPELLING,
            example={"valid": True, "symbol": "BTC-USD", "watched": True, "metrics": _METRICS},
            also=(404,),
            operation="validate_symbol",
        ),
    ),
    Route(
        f"{CATALOGUE}/validate",
        ValidateAllParameters,
        validate_all,
        Access.ADMIN,
        Document(
            TAG,
            "Which of many symbols can be watched",
            _ANY_SPELLING,
            example={
                "valid": [{"symbol": "ETH-USD"}],
                "invalid": [{"symbol": "NOPE-USD", "error": verdict.UNKNOWN}],
                "duplicate": [{"symbol": "BTC-USD", "error": verdict.WATCHED}],
                "summary": {"total": 3, "valid": 1, "invalid": 1, "duplicate": 1},
            },
            also=(404,),
            operation="validate_symbols",
        ),
        methods=("POST",),
        body=True,
    ),
]
