"""The simulated Binance's REST service, without socket and without clock (`exchanges.md` 4)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from livermore.simulator.balances import balances
from livermore.simulator.binance_account import Account, Unauthorized
from livermore.simulator.binance_listing import exchange_info
from livermore.simulator.binance_query import Invalid, only, read_kline_query, read_symbols
from livermore.simulator.binance_rows import kline_row, mini_row, native, ticker_row
from livermore.simulator.binance_venue import COM, Venue
from livermore.simulator.request import Answer, Request, json_answer
from livermore.simulator.source import KlineFacts
from livermore.simulator.weights import Verdict, Weights

PREFIX = "/api/v3/"

_TOO_MUCH = (
    "Too much request weight used; current limit is {} request weight per 1 MINUTE. "
    "Please use WebSocket Streams for live updates to avoid polling the API."
)
_BANNED = (
    "Way too much request weight used; IP banned until {}. Please use WebSocket Streams for live updates to avoid bans."
)


class _Route(NamedTuple):
    weight: Callable[[Mapping[str, str]], int]
    answer: Callable[[Request], Any]


class BinanceRestService:
    """Answers about one market."""

    def __init__(
        self,
        market: KlineFacts,
        venue: Venue = COM,
        budget: int | None = None,
        speed: float = 1.0,
        secrets: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Make it.

        Args:
            market: what it tells of.
            venue: which of Binance's exchanges it is.
            budget: weight per wall minute and client, if not the venue's own.
            speed: market ms in a wall ms: the end of a ban is told in market time.
            secrets: as of `Account`.
        """
        self._market, self._speed = market, speed
        self._venue = venue if budget is None else venue._replace(budget=budget)
        self.weights = Weights(self._venue.budget)
        self._listings = {listing.symbol: listing for listing in market.listings}
        self._names = {native(symbol): symbol for symbol in self._listings}
        account = Account(balances(market.seed, market.listings, "USDT"), secrets)
        self._routes = {
            "ping": _Route(lambda _: 1, _ping),
            "time": _Route(lambda _: 1, _time),
            "exchangeInfo": _Route(lambda _: venue.listing_weight, self._info),
            "klines": _Route(lambda _: venue.klines_weight, self._klines),
            "account": _Route(lambda _: venue.account_weight, account.answer),
            "ticker/24hr": _Route(self._tickers_weight, self._tickers),
        }

    def answer(self, request: Request) -> Answer:
        """The answer to one request; never raises on account of what was asked."""
        route = self._routes.get(request.path.removeprefix(PREFIX)) if request.path.startswith(PREFIX) else None
        weight = route.weight(request.query) if route else 1
        verdict = self.weights.charge(request.client, weight, request.wall)
        if verdict.wait:
            return self._refused(verdict, request.now)
        if route is None or request.method != "GET":
            return _weighed(Answer(405 if route else 404, {"Content-Type": "text/html"}, b"<html></html>"), verdict)
        try:
            return _weighed(json_answer(200, route.answer(request)), verdict)
        except Invalid as error:
            status = 401 if isinstance(error, Unauthorized) else 400
            return _weighed(json_answer(status, {"code": error.code, "msg": str(error)}), verdict)

    def _refused(self, verdict: Verdict, now: int) -> Answer:
        until = now + round(verdict.wait * 1_000 * self._speed)
        message = _TOO_MUCH.format(self.weights.budget) if verdict.status == 429 else _BANNED.format(until)
        answer = _weighed(json_answer(verdict.status, {"code": -1003, "msg": message}), verdict)
        return answer._replace(headers={**answer.headers, "Retry-After": str(verdict.wait)})

    def _info(self, request: Request) -> dict[str, Any]:
        query = request.query
        only(query, {"symbol", "symbols", "symbolStatus", "permissions", "showPermissionSets"})
        symbols = read_symbols(query, self._names)
        if query.get("symbolStatus", "TRADING") != "TRADING":
            symbols = []
        listings = [self._listings[symbol] for symbol in self._all(symbols)]
        permissions = query.get("showPermissionSets", "true") != "false"
        return exchange_info(self._venue, listings, request.now, permissions=permissions)

    def _klines(self, request: Request) -> list[Any]:
        query = read_kline_query(request.query, self._names)
        first, last = query.span(request.now)
        return list(map(kline_row, self._market.klines(query.symbol, query.timeframe, first, last, request.now)))

    def _tickers(self, request: Request) -> Any:
        only(request.query, {"symbol", "symbols", "type", "symbolStatus"})
        rows = self._rows(self._all(read_symbols(request.query, self._names)), request.now)
        if request.query.get("type") == "MINI":
            rows = list(map(mini_row, rows))
        return rows[0] if "symbol" in request.query and rows else rows

    def _tickers_weight(self, query: Mapping[str, str]) -> int:
        few, many, all_ = self._venue.tickers_weights
        named = 1 if "symbol" in query else query["symbols"].count(",") + 1 if "symbols" in query else 101
        return few if named <= 20 else many if named <= 100 else all_

    def _rows(self, symbols: list[str], now: int) -> list[dict[str, Any]]:
        """Without those that nobody has traded yet."""
        found = ((self._market.day(symbol, now), self._market.quotes(symbol, now)) for symbol in symbols)
        return [ticker_row(day, quotes, now) for day, quotes in found if day is not None and quotes is not None]

    def _all(self, symbols: list[str] | None) -> list[str]:
        return list(self._listings) if symbols is None else symbols


def _ping(request: Request) -> dict[str, Any]:
    only(request.query, ())
    return {}


def _time(request: Request) -> dict[str, Any]:
    only(request.query, ())
    return {"serverTime": request.now}


def _weighed(answer: Answer, verdict: Verdict) -> Answer:
    return answer._replace(headers={**answer.headers, "X-MBX-USED-WEIGHT-1M": str(verdict.used)})
