"""The REST service: what it answers, what it refuses, and in which form (`exchanges.md` 2)."""

import gzip
import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from livermore.exchanges.coinbase import Codec
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.simulator.candle_query import GRANULARITIES
from livermore.simulator.instruments import INSTRUMENTS
from livermore.simulator.market import Market
from livermore.simulator.request import Answer, Request
from livermore.simulator.rest import PREFIX, RestService
from tests.simulator.support import NOW, shared

MARKET = Market(7)
DAY = Timeframe.D1.ms
PRODUCTS = PREFIX + "market/products"


def ask(path: str, *, method: str = "GET", **query: object) -> Answer:
    """One request to a service that has answered nobody yet."""
    texts = {name: str(value) for name, value in query.items()}
    return RestService(MARKET).answer(Request(method, path, texts, "127.0.0.1", NOW, 0.0))


def candles(symbol: str, granularity: str, first: int, last: int, **more: object) -> list[dict[str, str]]:
    """The rows between two open times (ms)."""
    query = {"start": first // 1_000, "end": last // 1_000, "granularity": granularity, **more}
    answer = ask(f"{PRODUCTS}/{symbol}/candles", **query)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["candles"]


@pytest.mark.parametrize(("granularity", "timeframe"), GRANULARITIES.items())
def test_350_candles_fit_in_one_answer_newest_first_the_open_one_included(granularity, timeframe):
    newest = timeframe.floor(NOW)
    found = candles("BTC-USD", granularity, newest - 349 * timeframe.ms, newest)
    starts = [int(row["start"]) * 1_000 for row in found]
    assert starts == [newest - n * timeframe.ms for n in range(350)]


def test_the_program_reads_the_true_candles():
    first = Timeframe.H1.floor(NOW) - 20 * Timeframe.H1.ms
    series = Series("coinbase", "SLP-USD", Timeframe.H1)
    request = Codec().candle_request(series, first, NOW)
    answer = ask(request.path, **dict(request.query))
    read = Codec().decode_candles(series, answer.body)
    assert read == MARKET.candles("SLP-USD", Timeframe.H1, first, NOW, NOW)
    assert len(read) == 21


@pytest.mark.parametrize(("granularity", "minutes"), [("THIRTY_MINUTE", 30), ("TWO_HOUR", 120), ("SIX_HOUR", 360)])
@pytest.mark.parametrize("symbol", ["ATOM-USD", "SLP-USD"])
def test_what_is_stored_nowhere_is_made_of_its_trades_as_well(symbol, granularity, minutes):
    step = minutes * 60_000
    newest = NOW - NOW % step
    found = candles(symbol, granularity, newest - 3 * step + 1_000, NOW)
    assert [int(row["start"]) * 1_000 for row in found] == [newest, newest - step, newest - 2 * step]
    for row in found:
        trades = MARKET.trades(symbol, int(row["start"]) * 1_000, min(int(row["start"]) * 1_000 + step, NOW))
        prices = [Decimal(t.price) for t in trades]
        told = tuple(Decimal(row[name]) for name in ("open", "high", "low", "close", "volume"))
        assert told == (prices[0], max(prices), min(prices), prices[-1], sum(Decimal(t.size) for t in trades))


def test_both_ends_are_included():
    first = Timeframe.M5.floor(NOW) - 10 * Timeframe.M5.ms
    found = candles("BTC-USD", "FIVE_MINUTE", first, first + Timeframe.M5.ms)
    assert [int(row["start"]) for row in found] == [first // 1_000 + 300, first // 1_000]


def test_a_limit_keeps_the_newest():
    found = candles("BTC-USD", "ONE_DAY", NOW - 20 * DAY, NOW, limit=3)
    assert [int(row["start"]) * 1_000 for row in found] == [Timeframe.D1.floor(NOW) - n * DAY for n in range(3)]


def test_minutes_without_trades_are_left_out_and_a_span_without_any_is_empty():
    first = Timeframe.M1.floor(NOW) - 100 * 60_000
    found = candles("SLP-USD", "ONE_MINUTE", first, first + 99 * 60_000)
    assert 3 < len(found) < 30
    assert candles("BTC-USD", "ONE_DAY", NOW + 5 * DAY, NOW + 9 * DAY) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"start": None}, "start"),
        ({"end": None}, "end"),
        ({"end": "soon"}, "end"),
        ({"end": "1" * 12}, "end"),
        ({"start": "-5"}, "start"),
        ({"granularity": None}, "granularity"),
        ({"granularity": "ONE_YEAR"}, "granularity"),
        ({"limit": "0"}, "limit"),
        ({"limit": "351"}, "limit"),
        ({"start": "1786233600", "end": "1786233599"}, "start lies after end"),
        ({"start": "1786000000", "end": str(1786000000 + 351 * 3_600)}, "350"),
        ({"start": "1785999600", "end": str(1785999600 + 350 * 3_600)}, "350"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_as_the_gateway_does(query, said):
    good = {"start": "1786000000", "end": "1786233600", "granularity": "ONE_HOUR"}
    asked = {name: value for name, value in (good | query).items() if value is not None}
    answer = ask(f"{PRODUCTS}/BTC-USD/candles", **asked)
    error = json.loads(answer.body)
    assert answer.status == 400
    assert list(error) == ["error", "code", "message", "details"]
    assert (error["error"], error["code"], error["details"]) == ("INVALID_ARGUMENT", 3, [])
    assert said in error["message"]


@pytest.mark.parametrize(
    "path",
    ["/", "/favicon.ico", PREFIX, PRODUCTS + "/", PRODUCTS + "/NO-SUCH", PRODUCTS + "/NO-SUCH/candles",
     PRODUCTS + "/BTC-USD/book", PREFIX + "orders"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(path):
    answer = ask(path)
    assert answer.status == 404
    assert json.loads(answer.body)["code"] == 5


def test_nothing_can_be_changed():
    answer = ask(PRODUCTS, method="POST")
    assert answer.status == 405
    assert json.loads(answer.body)["code"] == 12


def test_the_time_is_market_time_in_strings():
    answer = ask(PREFIX + "time")
    expected = {"iso": "2026-08-09T21:05:48.123Z", "epochSeconds": "1786309548", "epochMillis": "1786309548123"}
    assert json.loads(answer.body) == expected


def test_every_symbol_is_listed_and_once_more_under_its_other_name():
    body = json.loads(ask(PRODUCTS, product_type="SPOT").body)
    names = [row["product_id"] for row in body["products"]]
    assert names[:12] == [instrument.symbol for instrument in INSTRUMENTS]
    assert names[12:] == [f"{instrument.symbol}C" for instrument in INSTRUMENTS]
    assert body["num_products"] == 24
    aliases = {row["product_id"]: (row["alias"], row["alias_to"]) for row in body["products"]}
    assert aliases["BTC-USD"] == ("", ["BTC-USDC"])
    assert aliases["BTC-USDC"] == ("BTC-USD", [])
    assert json.loads(ask(PRODUCTS, product_type="FUTURE").body)["products"] == []


def test_the_program_sees_twelve_symbols_that_trade():
    products = Codec().decode_products([ask(PRODUCTS).body])
    online = [p for p in products if p.online]
    assert [(p.symbol, p.price_increment, p.base_increment) for p in online][::3] == [
        ("BTC-USD", "0.01", "0.00000001"),
        ("XRP-USD", "0.0001", "0.000001"),
        ("LINK-USD", "0.001", "0.01"),
        ("SHIB-USD", "0.00000001", "1"),
    ]
    for product in online:
        assert Decimal(product.price) > 0
        volume = Decimal(product.volume24h) * Decimal(product.price)
        assert abs(Decimal(product.quote_volume24h) - volume) <= Decimal("0.005")


def test_currencies_are_listed_and_priced_as_older_clients_want_them():
    fiat, crypto = (json.loads(ask(f"/v2/currencies{more}").body)["data"] for more in ("", "/crypto"))
    assert [currency["id"] for currency in fiat] == ["USD"]
    assert [currency["code"] for currency in crypto] == [instrument.base for instrument in INSTRUMENTS]
    assert len({currency["asset_id"] for currency in crypto}) == 12
    rates = json.loads(ask("/v2/exchange-rates").body)["data"]
    ticker = MARKET.ticker("BTC-USD", NOW)
    assert ticker is not None
    assert rates["currency"] == "USD"
    assert abs(Decimal(rates["rates"]["BTC"]) * Decimal(ticker.price) - 1) < Decimal("1e-9")


def test_one_product_is_asked_for_by_either_name():
    ours, twin = (json.loads(ask(f"{PRODUCTS}/{name}").body) for name in ("ETH-USD", "ETH-USDC"))
    assert (ours["product_id"], ours["quote_currency_id"]) == ("ETH-USD", "USD")
    assert (twin["product_id"], twin["quote_currency_id"]) == ("ETH-USDC", "USDC")
    assert ours["price"] == twin["price"]
    first = Timeframe.H1.floor(NOW) - 5 * Timeframe.H1.ms
    assert candles("ETH-USDC", "ONE_HOUR", first, NOW) == candles("ETH-USD", "ONE_HOUR", first, NOW)


def test_who_asks_too_often_is_told_so_and_others_are_not():
    service = RestService(MARKET)

    def status(client: str, wall: float) -> int:
        return service.answer(Request("GET", PREFIX + "time", {}, client, NOW, wall)).status

    assert [status("a", 50.0) for _ in range(11)] == [200] * 10 + [429]
    assert status("b", 50.0) == 200
    assert status("a", 50.2) == 200
    refused = RestService(MARKET, rate=1, burst=0).answer(Request("GET", PREFIX + "time", {}, "a", NOW, 0.0))
    assert json.loads(refused.body) == {"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}


def test_a_page_of_candles_has_the_form_of_a_recorded_one():
    recorded = json.loads(shared("coinbase/rest_candles_ETH-USD_1d_350.json").read_text())["candles"]
    ours = candles("ETH-USD", "ONE_DAY", Timeframe.D1.floor(NOW) - 349 * DAY, NOW)
    assert len(ours) == len(recorded) == 350
    assert {tuple(row) for row in ours} == {tuple(row) for row in recorded}
    assert {type(value) for row in ours for value in row.values()} == {str}
    steps = {int(a["start"]) - int(b["start"]) for rows in (ours, recorded) for a, b in pairwise(rows)}
    assert steps == {86_400}


def test_products_have_the_form_of_recorded_ones():
    recorded = json.loads(gzip.decompress(shared("coinbase/products_2026-08-09.json.gz").read_bytes()))
    ours = json.loads(ask(PRODUCTS).body)
    assert list(ours) == ["products", "num_products", "pagination"]
    assert set(ours) == set(recorded)
    assert ours["pagination"] == recorded["pagination"]

    def forms(body: dict[str, Any]) -> set[tuple[tuple[str, str], ...]]:
        known = {f"{i.symbol}{suffix}" for i in INSTRUMENTS for suffix in ("", "C")}
        rows = (row for row in body["products"] if row["product_id"] in known)
        return {tuple((name, type(value).__name__) for name, value in row.items()) for row in rows}

    assert forms(ours) == forms(recorded)


@pytest.mark.parametrize("path", ["products", "products/BTC-USD"])
def test_whoever_has_a_key_asks_without_market_and_is_told_the_same(path):
    assert ask(PREFIX + path).body == ask(f"{PREFIX}market/{path}").body
