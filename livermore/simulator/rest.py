"""The simulated exchange's REST service, without socket and without clock (`exchanges.md` 2)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from livermore.market.instant import iso
from livermore.simulator.allowance import Allowance
from livermore.simulator.balances import balances
from livermore.simulator.candle_query import candle_rows, read_query
from livermore.simulator.coinbase_accounts import Accounts
from livermore.simulator.currencies import crypto, fiat, rates
from livermore.simulator.listing import Listing, resolved
from livermore.simulator.product import ProductRow, product_row, twin_row
from livermore.simulator.request import Answer, Refusal, Request, json_answer, not_found, refused
from livermore.simulator.source import Source

PREFIX = "/api/v3/brokerage/"
RATE, BURST = 10.0, 10.0
"""Requests per wall second and client, and at once, as public endpoints are said to allow."""

_TOO_MANY = {"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}


class RestService:
    """Answers about one source."""

    def __init__(
        self, source: Source, rate: float = RATE, burst: float = BURST, keys: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """``rate`` and ``burst`` in requests per wall second and client, and at once; ``keys``: as of `Accounts`."""
        self._source = source
        self._allowance = Allowance(rate, burst)
        self._listings = {listing.symbol: listing for listing in source.listings}
        self._accounts = Accounts(balances(source.seed, source.listings, "USD"), keys)
        self._older: Mapping[str, Callable[[Request], Any]] = {
            "/v2/currencies": lambda _: fiat(),
            "/v2/currencies/crypto": lambda _: crypto(source.listings),
            "/v2/exchange-rates": self._rates,
        }

    def answer(self, request: Request) -> Answer:
        """The answer to one request; never raises on account of what was asked."""
        if not self._allowance.admits(request.client, request.wall):
            return json_answer(429, _TOO_MANY)
        try:
            return json_answer(200, self._route(request)(request))
        except Refusal as refusal:
            return refused(refusal)

    def _route(self, request: Request) -> Callable[[Request], Any]:
        if request.method != "GET":
            raise Refusal("Method Not Allowed", status=405, code=12, name="UNIMPLEMENTED")
        if request.path in self._older:
            return self._older[request.path]
        if request.path == f"{PREFIX}accounts":
            return self._accounts.answer
        # those who sign ask the same without "market"; whose key it is is not looked at
        match request.path.removeprefix(PREFIX).removeprefix("market/").split("/"):
            case ["time"]:
                return _time
            case ["products"]:
                return self._products
            case ["products", product_id]:
                return lambda request: self._product(unquote(product_id), request.now)
            case ["products", product_id, "candles"]:
                return lambda request: self._candles(unquote(product_id), request)
        raise not_found("Not Found")

    def _rates(self, request: Request) -> dict[str, Any]:
        tickers = (
            (listing.base, self._source.ticker(symbol, request.now)) for symbol, listing in self._listings.items()
        )
        return rates({base: ticker.price for base, ticker in tickers if ticker is not None})

    def _products(self, request: Request) -> dict[str, Any]:
        wanted = request.query.get("product_type", "SPOT") == "SPOT"
        rows = [self._row(listing, request.now) for listing in self._listings.values() if wanted]
        products = rows + [twin_row(row) for row in rows if row.alias_to]
        pagination = {"prev_cursor": "", "next_cursor": "", "has_next": False, "has_prev": False}
        return {"products": products, "num_products": len(products), "pagination": pagination}

    def _product(self, product_id: str, now: int) -> ProductRow:
        symbol = self._symbol(product_id)
        row = self._row(self._listings[symbol], now)
        return row if product_id == symbol else twin_row(row)

    def _candles(self, product_id: str, request: Request) -> dict[str, Any]:
        symbol, query = self._symbol(product_id), read_query(request.query)
        return {"candles": candle_rows(self._source, symbol, query, request.now)}

    def _row(self, listing: Listing, now: int) -> ProductRow:
        return product_row(listing, self._source.ticker(listing.symbol, now))

    def _symbol(self, product_id: str) -> str:
        symbol = resolved(product_id, self._listings)
        if symbol is None:
            raise not_found(f"product {product_id[:40]!r} not found")
        return symbol


def _time(request: Request) -> dict[str, str]:
    now = request.now
    return {"iso": iso(now), "epochSeconds": str(now // 1_000), "epochMillis": str(now)}
