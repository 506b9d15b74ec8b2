"""The simulated Binance's REST service: what it answers, what it refuses, and in which form (`exchanges.md` 4)."""

import gzip
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.exchanges.binance import Codec
from livermore.exchanges.binance_us import Codec as UsCodec
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.simulator.binance_rest import PREFIX, BinanceRestService
from livermore.simulator.binance_venue import COM, US, Venue
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from livermore.simulator.request import Answer, Request
from tests.simulator.support import MINUTE, NOW, shared

MARKET = Market(7, made(12, "USDT"), "binance")
BTC = {"symbol": "BTCUSDT"}


def ask(
    path: str, query: dict[str, Any] | None = None, service: BinanceRestService | None = None, **more: Any
) -> Answer:
    """One request, to a service that has answered nobody yet unless one is given."""
    texts = {name: str(value) for name, value in (query or {}).items()}
    asked = {"method": "GET", "path": PREFIX + path, "query": texts, "client": "127.0.0.1", "now": NOW, "wall": 0.0}
    return (service or BinanceRestService(MARKET)).answer(Request(**asked | more))


def read(path: str, query: dict[str, Any] | None = None) -> Any:
    answer = ask(path, query)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def klines(symbol: str = "BTCUSDT", interval: str = "1m", **more: Any) -> list[list[Any]]:
    return read("klines", {"symbol": symbol, "interval": interval, **more})


def opens(**more: Any) -> list[int]:
    """Open times as minutes from the open one."""
    return [(row[0] - Timeframe.M1.floor(NOW)) // MINUTE for row in klines(**more)]


@pytest.mark.parametrize("timeframe", Timeframe)
@pytest.mark.parametrize(("symbol", "name"), [("BTC-USDT", "BTCUSDT"), ("SLP-USDT", "SLPUSDT")])
def test_klines_are_the_true_candles_ascending_and_flat_where_there_is_none(symbol, name, timeframe):
    rows = klines(name, timeframe.value, limit=300)
    first = timeframe.floor(NOW) - 299 * timeframe.ms
    assert [row[0] for row in rows] == [first + n * timeframe.ms for n in range(300)]
    assert {(len(row), row[6] - row[0]) for row in rows} == {(12, timeframe.ms - 1)}
    true = MARKET.candles(symbol, timeframe, first, NOW, NOW)
    told = [(row[0], *map(Decimal, row[1:6])) for row in rows if row[8]]
    assert told == [(c.open_time, *map(Decimal, (c.open, c.high, c.low, c.close, c.volume))) for c in true]
    for row in rows:
        if not row[8]:
            assert len(set(row[1:5])) == 1
            assert {row[i] for i in (5, 7, 9, 10)} == {"0.00000000"}


def test_500_klines_are_sent_unasked_1000_at_most_the_open_one_last():
    assert opens() == list(range(-499, 1))
    assert opens(limit=1_000) == opens(limit=5_000) == list(range(-999, 1))
    assert opens(limit=1) == [0]


def test_a_start_gives_the_oldest_from_there_and_an_end_the_newest_up_to_it():
    minute = Timeframe.M1.floor(NOW)
    assert opens(startTime=minute - 9 * MINUTE, limit=3) == [-9, -8, -7]
    assert opens(startTime=minute - 9 * MINUTE + 1, limit=2) == [-8, -7]
    assert opens(endTime=minute - 9 * MINUTE, limit=3) == [-11, -10, -9]
    assert opens(endTime=minute - 9 * MINUTE - 1, limit=3) == [-12, -11, -10]
    assert opens(startTime=minute - 4 * MINUTE, endTime=minute - 2 * MINUTE) == [-4, -3, -2]
    assert opens(startTime=minute - 4 * MINUTE, endTime=minute, limit=2) == [-4, -3]
    assert opens(startTime=minute - MINUTE, endTime=minute + 99 * MINUTE) == [-1, 0]
    assert opens(endTime=minute + 99 * MINUTE, limit=2) == [-1, 0]
    assert opens(startTime=minute + MINUTE) == opens(startTime=minute, endTime=minute - MINUTE) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(1, 1_000))
def test_pages_never_hold_more_than_the_limit_nor_anything_outside(start, end, limit):
    minute = Timeframe.M1.floor(NOW)
    found = opens(startTime=minute - start * MINUTE, endTime=minute - end * MINUTE, limit=limit)
    assert found == list(range(-start, -end + 1))[:limit]


@pytest.mark.parametrize(
    ("path", "query", "code", "said"),
    [
        ("klines", {"interval": "1m"}, -1102, "'symbol'"),
        ("klines", {"symbol": "", "interval": "1m"}, -1102, "'symbol'"),
        ("klines", BTC, -1102, "'interval'"),
        ("klines", BTC | {"interval": "7m"}, -1120, "Invalid interval."),
        ("klines", {"symbol": "NOSUCH", "interval": "1m"}, -1121, "Invalid symbol."),
        ("klines", {"symbol": "btcusdt", "interval": "1m"}, -1121, "Invalid symbol."),
        ("klines", BTC | {"interval": "1m", "limit": "-1"}, -1100, "'limit'"),
        ("klines", BTC | {"interval": "1m", "limit": "0"}, -1130, "'limit'"),
        ("klines", BTC | {"interval": "1m", "startTime": "soon"}, -1100, "'startTime'"),
        ("klines", BTC | {"interval": "1m", "endTime": "1" * 21}, -1100, "'endTime'"),
        ("klines", BTC | {"interval": "1m", "timeZone": "5"}, -1130, "'timeZone'"),
        ("klines", BTC | {"interval": "1m", "colour": "red"}, -1104, "read '2' parameter(s) but was sent '3'"),
        ("exchangeInfo", {"symbol": "NOSUCH"}, -1121, "Invalid symbol."),
        ("exchangeInfo", {"symbols": '["BTCUSDT","NOSUCH"]'}, -1121, "Invalid symbol."),
        ("exchangeInfo", BTC | {"symbols": "[]"}, -1128, "Combination"),
        ("ticker/24hr", {"symbols": "BTCUSDT"}, -1100, "'symbols'"),
        ("time", BTC, -1104, "Not all sent parameters were read"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_its_code(path, query, code, said):
    answer = ask(path, query)
    error = json.loads(answer.body)
    assert (answer.status, list(error), error["code"]) == (400, ["code", "msg"], code)
    assert said in error["msg"]
    assert answer.headers["X-MBX-USED-WEIGHT-1M"] != "0"


def test_what_does_not_exist_is_not_found_and_not_json():
    assert [ask(path).status for path in ("nothing", "klines/", "")] == [404, 404, 404]
    assert ask("time", method="POST").status == 405
    assert ask("nothing").headers["Content-Type"] == "text/html"


def test_the_time_is_market_time():
    assert read("time") == {"serverTime": NOW}
    assert read("ping") == {}


def test_every_symbol_is_listed_with_its_steps_and_the_limits_of_the_venue():
    info = read("exchangeInfo")
    assert [s["symbol"] for s in info["symbols"]][::6] == ["BTCUSDT", "LINKUSDT"]
    assert {(s["status"], s["quoteAsset"]) for s in info["symbols"]} == {("TRADING", "USDT")}
    filters = {f["filterType"]: f for f in info["symbols"][9]["filters"]}
    assert (filters["PRICE_FILTER"]["tickSize"], filters["LOT_SIZE"]["stepSize"]) == ("0.00000001", "1.00000000")
    assert [limit["limit"] for limit in info["rateLimits"]][::3] == [6_000, 61_000]
    us = json.loads(ask("exchangeInfo", service=BinanceRestService(MARKET, US)).body)
    assert [limit["limit"] for limit in us["rateLimits"]][::3] == [1_200, 6_100]
    small = json.loads(ask("exchangeInfo", service=BinanceRestService(MARKET, budget=70)).body)
    assert small["rateLimits"][0]["limit"] == 70


def test_symbols_are_told_of_as_they_are_asked_for():
    def listed(**query: str) -> list[str]:
        return [s["symbol"] for s in read("exchangeInfo", query)["symbols"]]

    assert listed(symbol="ETHUSDT") == ["ETHUSDT"]
    assert listed(symbols='["SLPUSDT","ETHUSDT"]') == ["SLPUSDT", "ETHUSDT"]
    assert listed(symbolStatus="BREAK") == []
    assert [
        read("exchangeInfo", BTC | more)["symbols"][0]["permissionSets"]
        for more in ({}, {"showPermissionSets": "false"})
    ] == [[["SPOT"]], []]
    assert len(listed(symbolStatus="TRADING")) == 12


def test_a_symbol_has_all_that_a_recorded_one_has():
    [line, *_] = gzip.decompress(shared("binance/us_exchangeInfo.txt.gz").read_bytes()).decode().splitlines()
    recorded = json.loads(line.partition(": ")[2])
    ours = read("exchangeInfo")
    assert list(ours) == list(recorded)
    assert set(recorded["symbols"][0]) <= set(ours["symbols"][0])
    assert {tuple(limit) for limit in recorded["rateLimits"]} == {tuple(limit) for limit in ours["rateLimits"]}


def test_a_ticker_says_what_the_last_24_hours_were():
    row = read("ticker/24hr", BTC)
    day, quotes = MARKET.day("BTC-USDT", NOW), MARKET.ticker("BTC-USDT", NOW)
    assert day is not None
    assert quotes is not None
    assert Decimal(row["lastPrice"]) == Decimal(quotes.price)
    assert Decimal(row["volume"]) == Decimal(quotes.volume_24_h)
    assert Decimal(row["bidPrice"]) == Decimal(quotes.best_bid)
    assert row["count"] == day.trades
    assert abs(Decimal(row["priceChangePercent"]) - Decimal(quotes.price_percent_chg_24_h)) <= Decimal("0.0005")
    assert [r["symbol"] for r in read("ticker/24hr", {"symbols": '["SLPUSDT","ETHUSDT"]'})] == ["SLPUSDT", "ETHUSDT"]
    assert len(read("ticker/24hr")) == 12
    mini = read("ticker/24hr", BTC | {"type": "MINI"})
    assert mini == {name: value for name, value in row.items() if name in mini}
    assert "bidPrice" not in mini


def test_each_request_has_its_weight_and_the_answer_says_what_was_used():
    service = BinanceRestService(MARKET)

    def weight(path: str, **query: Any) -> int:
        before = int(ask("ping", service=service).headers["X-MBX-USED-WEIGHT-1M"])
        return int(ask(path, query, service).headers["X-MBX-USED-WEIGHT-1M"]) - before

    many = json.dumps([instrument.symbol.replace("-", "") for instrument in made(21, "USDT")])
    weights = [weight("time"), weight("klines", interval="1m", **BTC), weight("exchangeInfo")]
    assert weights == [1, 2, 20]
    tickers = [weight("ticker/24hr", **query) for query in (BTC, {"symbols": '["BTCUSDT"]'}, {"symbols": many}, {})]
    assert tickers == [2, 2, 40, 80]


def test_who_uses_too_much_is_told_when_to_come_back_and_who_goes_on_is_banned():
    service = BinanceRestService(MARKET, budget=4, speed=2.0)
    answers = [ask("klines", BTC | {"interval": "1m"}, service, wall=10.5) for _ in range(8)]
    assert [answer.status for answer in answers] == [200, 200, 429, 429, 429, 429, 429, 418]
    assert answers[2].headers["Retry-After"] == "50"
    assert answers[2].headers["X-MBX-USED-WEIGHT-1M"] == "6"
    error = json.loads(answers[2].body)
    assert error["code"] == -1003
    assert "current limit is 4 request weight per 1 MINUTE" in error["msg"]
    assert answers[7].headers["Retry-After"] == "120"
    assert json.loads(answers[7].body)["msg"].startswith(
        f"Way too much request weight used; IP banned until {NOW + 240_000}."
    )
    assert ask("ping", service=service, wall=130.4).status == 418
    assert service.weights.while_banned == 1
    assert ask("ping", service=service, wall=130.6).status == 200
    assert ask("ping", service=service, wall=20.0, client="another").status == 200


@pytest.mark.parametrize(("codec", "venue"), [(Codec(), COM), (UsCodec(), US)])
def test_the_program_reads_what_it_asks_for_and_knows_what_that_weighs(codec: Codec, venue: Venue):
    service = BinanceRestService(MARKET, venue)

    def told(request: Any) -> bytes:
        before = int(ask("ping", service=service).headers["X-MBX-USED-WEIGHT-1M"])
        answer = ask(request.path.removeprefix(PREFIX), dict(request.query), service)
        assert answer.status == 200, answer.body
        assert int(answer.headers["X-MBX-USED-WEIGHT-1M"]) - before == request.weight
        return answer.body

    series, first = Series("binance", "SLP-USDT", Timeframe.M5), Timeframe.M5.floor(NOW) - 999 * Timeframe.M5.ms
    read = codec.decode_candles(series, told(codec.candle_request(series, first, NOW)))
    assert read == MARKET.candles("SLP-USDT", Timeframe.M5, first, NOW, NOW)
    assert codec.decode_time(told(codec.time_request())) == NOW
    bodies = [told(request) for request in codec.product_requests()]
    products = codec.decode_products(bodies)
    assert [p.symbol for p in products if p.online] == [instrument.symbol for instrument in made(12, "USDT")]
    assert products[9].price_increment == "0.00000001"
    assert codec.decode_rate(bodies) == 0.8 * venue.budget / 60
