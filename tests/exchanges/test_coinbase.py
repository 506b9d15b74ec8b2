"""Tests of Coinbase's codec: what it says and what it reads, frame by frame."""

import json
from itertools import count
from typing import Any

import msgspec
import pytest

from livermore.errors import ProtocolError
from livermore.exchanges.coinbase import Codec
from livermore.exchanges.frame import Frame, Refused, Request, Subscribed, Tickers, Trades
from livermore.market.candle import Candle, Series
from livermore.market.ticker import Ticker
from livermore.market.timeframe import Timeframe
from livermore.market.trade import Trade
from tests.market.examples import NOON

CODEC = Codec()
ETH = Series("coinbase", "ETH-USD", Timeframe.M5)
TRADE = {
    "product_id": "BTC-USD",
    "trade_id": "1068572091",
    "price": "65083.670",
    "size": "0.0103436100",
    "time": "2026-08-09T21:05:48.167634Z",
    "side": "SELL",
}
TICKER = {
    "type": "ticker",
    "product_id": "BTC-USD",
    "price": "65086.180",
    "volume_24_h": "2867.54532609",
    "low_24_h": "64675.22",
    "high_24_h": "65252.99",
    "price_percent_chg_24_h": "0.09601107287722",
    "best_bid": "65083.66",
    "best_ask": "65083.67",
}


def frame(channel: str, *events: Any, **envelope: Any) -> bytes:
    given = {"channel": channel, "timestamp": "2026-08-09T21:05:48.251397169Z", "sequence_num": 9, "events": events}
    return json.dumps({**given, **envelope}).encode()


def trades(**changes: Any) -> bytes:
    return frame("market_trades", {"type": "update", "trades": [{**TRADE, **changes}]})


def ticker(**changes: Any) -> Frame:
    return CODEC.decode(frame("ticker", {"type": "update", "tickers": [{**TICKER, **changes}]}))


# -- frames


def test_trades_are_read_with_canonical_amounts_and_times_cut_to_milliseconds() -> None:
    expected = Trade("BTC-USD", 1_068_572_091, "65083.67", "0.01034361", 1_786_309_548_167)
    assert CODEC.decode(trades()) == Frame([Trades([expected], snapshot=False)], 9, 1_786_309_548_251)


def test_a_snapshot_is_told_from_an_update() -> None:
    found = CODEC.decode(frame("market_trades", {"type": "snapshot", "trades": []}, {"type": "update", "trades": []}))
    assert found.events == [Trades([], snapshot=True), Trades([], snapshot=False)]


@pytest.mark.parametrize(
    ("stamp", "ms"),
    [
        ("2026-08-09T21:05:48.251397169Z", 251),
        ("2026-08-09T21:05:48.25139716Z", 251),
        ("2026-08-09T21:05:48.999999999Z", 999),
        ("2026-08-09T21:05:48.2Z", 200),
        ("2026-08-09T21:05:48Z", 0),
    ],
)
def test_times_have_nanoseconds_or_fewer_digits(stamp: str, ms: int) -> None:
    assert CODEC.decode(frame("heartbeats", timestamp=stamp)).time == 1_786_309_548_000 + ms


def test_a_ticker_has_the_time_of_its_envelope_and_a_change_that_follows_from_the_percentage() -> None:
    expected = Ticker(
        symbol="BTC-USD", price="65086.18", change24h="62.43", change_percent24h="0.09601107287722",
        high24h="65252.99", low24h="64675.22", volume24h="2867.54532609", timestamp=1_786_309_548_251,
        bid="65083.66", ask="65083.67",
    )  # fmt: skip
    assert ticker().events == [Tickers([expected])]


@pytest.mark.parametrize(
    ("percent", "canonical"), [("-1.250", "-1.25"), ("0", "0"), ("-0.00", "0"), ("007.5", "7.5"), ("-100", "-100")]
)
def test_a_percentage_is_canonical_and_may_be_negative(percent: str, canonical: str) -> None:
    (event,) = ticker(price_percent_chg_24_h=percent).events
    assert event.tickers[0].change_percent24h == canonical


@pytest.mark.parametrize("percent", ["NaN", "Infinity", "-Infinity", "1e5", "+1", "--1", "1_0", " 1", "\u0663", "x"])
def test_a_percentage_that_is_no_plain_number_is_refused(percent: str) -> None:
    with pytest.raises(ProtocolError):
        ticker(price_percent_chg_24_h=percent)


def test_a_ticker_without_bid_and_ask_has_none() -> None:
    (event,) = ticker(best_bid="", best_ask="").events
    assert (event.tickers[0].bid, event.tickers[0].ask) == (None, None)


@pytest.mark.parametrize("field", ["price", "price_percent_chg_24_h", "volume_24_h", "high_24_h", "low_24_h"])
def test_a_pair_that_was_not_traded_for_a_day_costs_nobody_else_the_frame(field: str) -> None:
    quiet = {**TICKER, "product_id": "BAT-BTC", field: ""}
    found = CODEC.decode(frame("ticker", {"type": "update", "tickers": [quiet, TICKER]}))
    assert [t.symbol for event in found.events for t in event.tickers] == ["BTC-USD"]


def test_of_a_subscriptions_answer_only_trades_matter() -> None:
    listed = {"market_trades": ["BTC-USD", "ETH-USD"], "ticker": ["SOL-USD"], "heartbeats": ["heartbeats"]}
    found = CODEC.decode(frame("subscriptions", {"subscriptions": listed}))
    assert found.events == [Subscribed(frozenset({"BTC-USD", "ETH-USD"}))]
    assert CODEC.decode(frame("subscriptions", {"subscriptions": {}})).events == [Subscribed(frozenset())]


def test_an_error_has_neither_channel_nor_sequence() -> None:
    found = CODEC.decode('{"type":"error","message":"authentication failure"}')
    assert found == Frame([Refused("authentication failure", key=True)])


@pytest.mark.parametrize("channel", ["candles", "l2_data", "status", "user", "something_new", ""])
def test_what_is_not_needed_or_not_known_is_passed_over_but_counts_in_the_sequence(channel: str) -> None:
    assert CODEC.decode(frame(channel, {"any": [1, None, {}]})) == Frame([], 9, 1_786_309_548_251)


def test_unknown_fields_are_passed_over() -> None:
    more = frame("market_trades", {"type": "update", "trades": [{**TRADE, "new": {}}], "new": 1}, client_id="", new=[])
    assert CODEC.decode(more) == CODEC.decode(trades())


def test_text_and_bytes_say_the_same() -> None:
    assert CODEC.decode(trades().decode()) == CODEC.decode(trades())


@pytest.mark.parametrize(
    "changes",
    [
        {"price": 65083.67},
        {"price": None},
        {"price": ""},
        {"price": "NaN"},
        {"price": "-1"},
        {"price": "1e3"},
        {"size": "Infinity"},
        {"size": "1" * 33},
        {"trade_id": 7},
        {"trade_id": ""},
        {"trade_id": "-7"},
        {"trade_id": "1_000"},
        {"trade_id": " 7"},
        {"trade_id": "\u0663"},
        {"trade_id": "1" * 19},
        {"time": ""},
        {"time": "2026-08-09Z"},
        {"time": "2026-08-09T21:05:48+02:00"},
        {"product_id": None},
    ],
)
def test_a_trade_that_cannot_be_read_is_a_protocol_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="not a Coinbase frame"):
        CODEC.decode(trades(**changes))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b"\xff\xfe",
        b'{"channel":"\xff"}',
        b'{"channel":"market_trades","events":[{}]}',
        b'{"channel":"market_trades","events":{}}',
        b'{"channel":"market_trades","events":null}',
        b'{"channel":"ticker","timestamp":"2026-08-09Z"}',
        b'{"sequence_num":1.5}',
        b'{"sequence_num":' + b"9" * 5000 + b"}",
        b'{"sequence_num":1e999}',
        b'{"sequence_num":NaN}',
        b'{"channel":"x","events":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"channel":"x","more":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
        '{"channel":"\ud800"}',
    ],
)
def test_what_is_no_frame_is_a_protocol_error(data: str | bytes) -> None:
    with pytest.raises(ProtocolError, match="not a Coinbase frame"):
        CODEC.decode(data)


# -- subscriptions


def test_one_message_each_for_heartbeats_trades_and_tickers_without_any_token() -> None:
    assert [json.loads(text) for text in CODEC.subscriptions(["BTC-USD", "ETH-USD"], lambda: None)] == [
        {"type": "subscribe", "channel": "heartbeats"},
        {"type": "subscribe", "channel": "market_trades", "product_ids": ["BTC-USD", "ETH-USD"]},
        {"type": "subscribe", "channel": "ticker", "product_ids": ["BTC-USD", "ETH-USD"]},
    ]


def test_every_message_carries_a_token_of_its_own() -> None:
    numbers = count(1)
    messages = CODEC.subscriptions(["BTC-USD"], lambda: f"token-{next(numbers)}")
    assert [json.loads(text)["jwt"] for text in messages] == ["token-1", "token-2", "token-3"]


# -- candles


@pytest.mark.parametrize(
    ("timeframe", "granularity"),
    [
        (Timeframe.M1, "ONE_MINUTE"),
        (Timeframe.M5, "FIVE_MINUTE"),
        (Timeframe.M15, "FIFTEEN_MINUTE"),
        (Timeframe.H1, "ONE_HOUR"),
        (Timeframe.H4, "FOUR_HOUR"),
        (Timeframe.D1, "ONE_DAY"),
    ],
)
def test_candles_are_asked_for_in_seconds_both_ends_included(timeframe: Timeframe, granularity: str) -> None:
    asked = CODEC.candle_request(Series("coinbase", "BTC-USD", timeframe), NOON, NOON + 349 * timeframe.ms)
    assert asked == Request(
        "/api/v3/brokerage/market/products/BTC-USD/candles",
        (
            ("start", str(NOON // 1000)),
            ("end", str(NOON // 1000 + 349 * timeframe.ms // 1000)),
            ("granularity", granularity),
            ("limit", "350"),
        ),
        private="/api/v3/brokerage/products/BTC-USD/candles",
    )


def answer(*changes: dict[str, Any]) -> bytes:
    sound = {"start": str(NOON // 1000), "low": "1", "high": "3", "open": "1.50", "close": "2", "volume": "7.0"}
    return json.dumps({"candles": [{**sound, **change} for change in changes]}).encode()


def test_an_answer_is_read_ascending_with_each_open_time_once() -> None:
    later = {"start": str(NOON // 1000 + 300)}
    found = CODEC.decode_candles(ETH, answer(later, {"close": "2.5"}, {}))
    expected = Candle(*ETH, NOON, "1.5", "3", "1", "2", "7")
    assert found == [expected, msgspec.structs.replace(expected, open_time=NOON + 300_000)]


def test_an_answer_without_candles_is_an_answer() -> None:
    assert CODEC.decode_candles(ETH, b'{"candles":[]}') == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"<html>",
        b'{"error":"x","code":3,"message":"y"}',
        answer({"start": "x"}),
        answer({"start": "-60"}),
        answer({"start": "1" * 12}),
        answer({"start": 1_786_276_800}),
        answer({"close": "NaN"}),
        answer({"close": None}),
        answer({"volume": "-1"}),
        answer({"high": "1e400"}),
        b'{"candles":' + b"[" * 100_000,
    ],
)
def test_what_is_no_answer_about_candles_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="not a Coinbase answer about candles"):
        CODEC.decode_candles(ETH, body)


# -- products

LISTED = {"product_id": "BTC-USD", "base_currency_id": "BTC", "quote_currency_id": "USD", "status": "online"}


def products(*changes: dict[str, Any]) -> bytes:
    return json.dumps({"products": [{**LISTED, **change} for change in changes]}).encode()


@pytest.mark.parametrize(
    ("changes", "online"),
    [
        ({}, True),
        ({"status": "offline"}, False),
        ({"status": "delisted"}, False),
        ({"status": ""}, False),
        ({"is_disabled": True}, False),
        ({"trading_disabled": True}, False),
        ({"view_only": True}, False),
        ({"alias": "ETH-USD"}, False),
        ({"alias_to": ["BTC-USDC"]}, True),
        ({"cancel_only": True}, True),
    ],
)
def test_a_product_trades_unless_something_says_otherwise(changes: dict[str, Any], online: bool) -> None:
    (product,) = CODEC.decode_products([products(changes)])
    assert product.online is online


def test_a_product_that_was_not_traded_for_a_day_has_no_volume() -> None:
    (product,) = CODEC.decode_products(
        [products({"volume_24h": "", "approximate_quote_24h_volume": "", "price": "5.0"})]
    )
    assert (product.price, product.volume24h, product.quote_volume24h) == ("5", "0", "0")


def test_only_spot_products_are_listed() -> None:
    assert CODEC.decode_products([products({"product_type": "FUTURE"})]) == []
    assert CODEC.product_requests()[0].query == (("product_type", "SPOT"),)


@pytest.mark.parametrize(
    "body", [b"", b"{}", products({"price": "x"}), products({"product_id": None}), b'{"products":7}']
)
def test_what_is_no_answer_about_products_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="not a Coinbase answer about products"):
        CODEC.decode_products([body])
