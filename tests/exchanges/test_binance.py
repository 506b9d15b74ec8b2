"""Tests of Binance's codecs: what they say and what they read, frame by frame."""

import json
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from livermore.errors import ProtocolError
from livermore.exchanges import binance, binance_us
from livermore.exchanges.frame import Frame, Kline, Klines, Leaving, Refused, Request, Tickers
from livermore.market.candle import Candle, Series
from livermore.market.product import Product
from livermore.market.ticker import Ticker
from livermore.market.timeframe import Timeframe
from tests.market.examples import MINUTE, NOON

SYMBOLS = ("BTC-USDT", "BNB-BTC", "1INCH-BTC")
CODEC = binance.Codec(SYMBOLS)
US = binance_us.Codec(SYMBOLS)
BTC = Series("binance", "BTC-USDT", Timeframe.M1)
CANDLE = Candle(*BTC, NOON, "0.001", "0.0025", "0.0005", "0.002", "1000")
BAR = {
    "t": NOON, "T": NOON + 59_999, "s": "BTCUSDT", "i": "1m", "f": 100, "L": 200, "o": "0.0010", "c": "0.0020",
    "h": "0.0025", "l": "0.00050", "v": "1000", "n": 101, "x": False, "q": "1.0000", "V": "500",
    "Q": "0.500", "B": "123456",
}  # fmt: skip
MINI = {
    "e": "24hrMiniTicker", "E": NOON + 7, "s": "BTCUSDT", "c": "65086.180", "o": "65000.00", "h": "65252.99",
    "l": "64675.22", "v": "2867.54532609", "q": "18",
}  # fmt: skip


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"e": kind, "E": NOON + 2_136, **fields}


def kline(symbol: str = "BTCUSDT", **changes: Any) -> dict[str, Any]:
    return event("kline", s=symbol, k={**BAR, "s": symbol, **changes})


def combined(data: Any, stream: str = "btcusdt@anything") -> bytes:
    return json.dumps({"stream": stream, "data": data}).encode()


def read(data: Any) -> Frame:
    """What a combined frame with this inside says; the raw frame has to say the same."""
    found = CODEC.decode(combined(data))
    assert CODEC.decode(json.dumps(data)) == found
    return found


def the_kline(**changes: Any) -> Kline:
    (told,) = read(kline(**changes)).events
    assert isinstance(told, Klines)
    return told.klines[0]


def the_ticker(**changes: Any) -> Ticker:
    (told,) = read({**MINI, **changes}).events
    assert isinstance(told, Tickers)
    return told.tickers[0]


# -- frames


def test_a_kline_is_read_with_canonical_amounts_and_the_canonical_symbol() -> None:
    assert read(kline()) == Frame([Klines([Kline(BTC, NOON, closed=False, candle=CANDLE)])], None, NOON + 2_136)


def test_a_closing_is_told_from_a_candle_in_progress() -> None:
    assert the_kline(x=True).closed
    assert not the_kline(x=False).closed


@pytest.mark.parametrize("nothing", [{"n": 0}, {"f": -1, "L": -1}, {"n": 0, "f": -1, "L": -1, "v": "0.00000000"}])
def test_a_kline_in_which_nothing_was_traded_has_no_candle(nothing: dict[str, Any]) -> None:
    assert the_kline(**nothing, x=True) == Kline(BTC, NOON, closed=True, candle=None)


@pytest.mark.parametrize("timeframe", Timeframe)
def test_every_timeframe_is_read(timeframe: Timeframe) -> None:
    assert the_kline(i=str(timeframe)).series == BTC._replace(timeframe=timeframe)


def test_binance_us_says_the_same_of_its_own_series() -> None:
    series = BTC._replace(exchange="binance_us")
    same = Kline(series, NOON, closed=False, candle=msgspec.structs.replace(CANDLE, exchange="binance_us"))
    assert US.decode(combined(kline())).events == [Klines([same])]


def test_a_mini_ticker_tells_the_change_since_its_opening() -> None:
    expected = Ticker(
        symbol="BTC-USDT", price="65086.18", change24h="86.18", change_percent24h="0.13258462",
        high24h="65252.99", low24h="64675.22", volume24h="2867.54532609", timestamp=NOON + 7,
    )  # fmt: skip
    assert the_ticker() == expected
    assert read(MINI).time == NOON + 7


def test_a_change_may_be_negative_and_of_nothing_there_is_none() -> None:
    down, new = the_ticker(c="90", o="120"), the_ticker(o="0.00")
    assert (down.change24h, down.change_percent24h) == ("-30", "-25")
    assert (new.change24h, new.change_percent24h) == ("65086.18", "0")


def test_a_pair_that_was_never_traded_has_no_ticker() -> None:
    assert read({**MINI, "c": "0.00000000"}) == Frame([], None, NOON + 7)


@pytest.mark.parametrize("data", [kline("ETHUSDT"), kline(i="1s"), kline(i="3m"), {**MINI, "s": "ETHUSDT"}])
def test_what_nobody_asked_for_is_passed_over_but_has_a_time(data: dict[str, Any]) -> None:
    assert read(data) == Frame([], None, data["E"])


@pytest.mark.parametrize("kind", ["aggTrade", "trade", "depthUpdate", "24hrTicker", "avgPrice", "something_new", ""])
def test_what_is_not_known_is_passed_over_but_has_a_time(kind: str) -> None:
    assert read(event(kind, s="BTCUSDT", a=[1, None, {}])) == Frame([], None, NOON + 2_136)


def test_the_best_bid_and_ask_have_neither_kind_nor_time() -> None:
    assert (
        read({"u": 542937457, "s": "XEMUSDT", "b": "0.041", "B": "485240.0", "a": "0.0411", "A": "44994.0"}) == Frame()
    )


@pytest.mark.parametrize("data", [[], [MINI, MINI], [1, None, "x"]])
def test_lists_are_of_streams_that_nobody_asked_for(data: list[Any]) -> None:
    assert read(data) == Frame()


def test_unknown_fields_are_passed_over() -> None:
    assert read({**kline(new=[1]), "new": {}}) == read(kline())
    assert CODEC.decode(json.dumps({"stream": "x", "data": kline(), "more": 1})) == read(kline())


@pytest.mark.parametrize(
    "data", ['{"result":null,"id":1}', '{"id":null,"result":null}', '{"result":["btcusdt@kline_1m"],"id":3}', "{}"]
)
def test_an_acknowledgement_says_nothing(data: str) -> None:
    assert CODEC.decode(data) == Frame()


@pytest.mark.parametrize(
    "data",
    [
        '{"code":2,"msg":"Invalid request: unknown variant"}',
        '{"code":2,"msg":"Invalid request: unknown variant","id":7}',
        '{"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":7}',
    ],
)
def test_a_refusal_comes_wrapped_or_not(data: str) -> None:
    assert CODEC.decode(data) == Frame([Refused("Invalid request: unknown variant (2)")])


def test_a_refusal_may_have_the_number_0() -> None:
    assert CODEC.decode('{"code":0,"msg":"Unknown property"}') == Frame([Refused("Unknown property (0)")])


@pytest.mark.parametrize("codec", [CODEC, US])
def test_a_server_that_shuts_down_is_about_to_leave(codec: binance.Codec) -> None:
    going = {"e": "serverShutdown", "E": NOON}
    assert codec.decode(json.dumps(going)) == Frame([Leaving()], None, NOON)
    assert codec.decode(combined(going, "!serverShutdown")) == Frame([Leaving()], None, NOON)


def test_text_and_bytes_say_the_same() -> None:
    assert CODEC.decode(combined(kline()).decode()) == CODEC.decode(combined(kline()))


@pytest.mark.parametrize(
    "changes",
    [
        {"t": -1},
        {"t": str(NOON)},
        {"t": 253_402_300_800_000},
        {"t": NOON + 2_137},
        {"t": None},
        {"i": 1},
        {"o": 0.001},
        {"o": None},
        {"h": ""},
        {"l": "NaN"},
        {"c": "-1"},
        {"v": "1e3"},
        {"v": "1" * 33},
        {"n": "1"},
        {"n": 1.5},
        {"f": None},
        {"x": "true"},
        {"x": 1},
    ],
)
def test_a_kline_that_cannot_be_read_is_a_protocol_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="not a Binance frame"):
        CODEC.decode(combined(kline(**changes)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"7",
        b"\xff\xfe",
        b'{"e":"\xff"}',
        b'{"e":"kline"}',
        b'{"e":"kline","s":"BTCUSDT","k":{}}',
        b'{"stream":"x"}',
        b'{"stream":"x","data":null}',
        b'{"stream":"x","data":"y"}',
        b'{"e":"24hrMiniTicker","E":1}',
        b'{"e":"x","E":-1}',
        b'{"e":"x","E":1.5}',
        b'{"e":"x","E":' + b"9" * 5000 + b"}",
        b'{"e":"x","E":253402300800000}',
        b'{"error":{},"id":1}',
        b'{"code":"2"}',
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"stream":"x","data":' + b'{"data":' * 100_000 + b"1" + b"}" * 100_001,
        '{"e":"\ud800"}',
    ],
)
def test_what_is_no_frame_is_a_protocol_error(data: str | bytes) -> None:
    with pytest.raises(ProtocolError, match="not a Binance frame"):
        CODEC.decode(data)


@pytest.mark.parametrize("field", ["c", "o", "h", "l", "v"])
@pytest.mark.parametrize("value", ["", "NaN", "1e5", "-1", None, 1.5])
def test_a_mini_ticker_that_cannot_be_read_is_a_protocol_error(field: str, value: Any) -> None:
    with pytest.raises(ProtocolError, match="not a Binance frame"):
        CODEC.decode(combined({**MINI, field: value}))


# -- subscriptions


def messages(symbols: list[str], method: str = "subscriptions") -> list[str]:
    sent: list[str] = getattr(CODEC, method)(symbols, lambda: None)
    return sent


def test_each_symbol_has_klines_of_six_timeframes_and_a_mini_ticker() -> None:
    streams = (*(f"kline_{t}" for t in ("1m", "5m", "15m", "1h", "4h", "1d")), "miniTicker")
    (message,) = messages(["BTC-USDT"])
    assert json.loads(message) == {"method": "SUBSCRIBE", "params": [f"btcusdt@{s}" for s in streams], "id": 1}


def test_what_was_subscribed_to_can_be_unsubscribed_from() -> None:
    on, off = (json.loads(messages(["BTC-USDT", "1INCH-BTC"], m)[0]) for m in ("subscriptions", "unsubscriptions"))
    assert (on["method"], off["method"]) == ("SUBSCRIBE", "UNSUBSCRIBE")
    assert on["params"] == off["params"]


@pytest.mark.parametrize("base", ["A", "1000SATS", "币安人生", "A" * 40])
def test_no_message_is_longer_than_binance_reads_or_names_too_many_streams(base: str) -> None:
    symbols = [f"{base}{n}-USDT" for n in range(CODEC.symbols_per_connection)]
    sent = messages(symbols)
    named = [json.loads(message)["params"] for message in sent]
    assert all(len(message.encode()) <= 4_088 for message in sent)
    assert all(len(streams) <= 200 for streams in named)
    assert all(len(a) + len(b) > 50 for a, b in pairwise(named))  # not one by one either
    assert [json.loads(message)["id"] for message in sent] == list(range(1, len(sent) + 1))
    every = [stream for streams in named for stream in streams]
    assert len(every) == len(set(every)) == 7 * len(symbols) <= 1024


def test_a_message_of_nothing_is_not_sent() -> None:
    assert messages([]) == []


# -- candles


def test_candles_are_asked_for_in_milliseconds_both_ends_included() -> None:
    named = (("symbol", "BTCUSDT"), ("interval", "4h"))
    span = (("startTime", str(NOON)), ("endTime", str(NOON + 5)), ("limit", "1000"))
    for codec, weight in ((CODEC, 2), (US, 1)):
        asked = codec.candle_request(BTC._replace(timeframe=Timeframe.H4), NOON, NOON + 5)
        assert asked == Request("/api/v3/klines", (*named, *span), weight)


def row(at: int = NOON, **changes: Any) -> list[Any]:
    sound = {
        "t": at,
        "o": "0.0010",
        "h": "0.0025",
        "l": "0.00050",
        "c": "0.0020",
        "v": "1000",
        "T": at + 59_999,
        "q": "1.0",
        "n": 7,
    }
    return [*{**sound, **changes}.values(), "500", "0.5", "0"]  # fmt: skip


def answer(*rows: Any) -> bytes:
    return json.dumps(rows).encode()


def test_an_answer_is_read_ascending_with_each_open_time_once() -> None:
    found = CODEC.decode_candles(BTC, answer(row(NOON + MINUTE), row(c="0.0011"), row()))
    assert found == [CANDLE, msgspec.structs.replace(CANDLE, open_time=NOON + MINUTE)]


def test_a_row_without_trades_is_no_candle() -> None:
    assert CODEC.decode_candles(BTC, answer(row(), row(NOON + MINUTE, n=0, v="0.00000000"))) == [CANDLE]


def test_an_answer_without_candles_is_an_answer() -> None:
    assert CODEC.decode_candles(BTC, b"[]") == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<html>",
        b'{"code":-1121,"msg":"Invalid symbol."}',
        b"[[]]",
        answer(row()[:8]),
        answer(row(t=-1)),
        answer(row(t="1")),
        answer(row(t=253_402_300_800_000)),
        answer(row(c="NaN")),
        answer(row(c=1.5)),
        answer(row(v="-1")),
        answer(row(h="1e400")),
        answer(row(n=None)),
        b"[" * 100_000,
    ],
)
def test_what_is_no_answer_about_candles_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="not a Binance answer about candles"):
        CODEC.decode_candles(BTC, body)


# -- products

LISTED = {
    "symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT", "isSpotTradingAllowed": True,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001", "stepSize": "0.00001000"},
        {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.00000000"},
    ],
}  # fmt: skip
DAY = {
    "symbol": "BTCUSDT", "lastPrice": "65086.18000000", "volume": "2867.50", "quoteVolume": "186000000.10",
    "bidPrice": "65086.10", "bidQty": "1.50", "askPrice": "65086.20", "askQty": "0.25", "count": 76,
}  # fmt: skip
LIMITS = [
    {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61_000},
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6_000},
]


def listing(*changes: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"timezone": "UTC", "symbols": [{**LISTED, **change} for change in changes], **more}).encode()


def day(**changes: Any) -> bytes:
    return json.dumps([{**DAY, **changes}]).encode()


def test_a_product_is_what_is_listed_and_what_was_traded_of_it() -> None:
    assert CODEC.decode_products([listing({}), day()]) == [
        Product(
            symbol="BTC-USDT", base="BTC", quote="USDT", price="65086.18", volume24h="2867.5",
            quote_volume24h="186000000.1", price_increment="0.01", base_increment="0.00001", online=True,
            status="TRADING", trade_count24h=76, bid="65086.1", ask="65086.2", bid_size="1.5", ask_size="0.25",
        )
    ]  # fmt: skip


def test_the_two_answers_are_asked_for_by_their_weights() -> None:
    assert CODEC.product_requests() == [
        Request("/api/v3/exchangeInfo", (("showPermissionSets", "false"),), 20),
        Request("/api/v3/ticker/24hr", (), 80),
    ]
    assert US.product_requests() == [Request("/api/v3/exchangeInfo", (), 10), Request("/api/v3/ticker/24hr", (), 40)]


@pytest.mark.parametrize(
    ("changes", "online"),
    [
        ({}, True),
        ({"status": "HALT"}, False),
        ({"status": "BREAK"}, False),
        ({"status": "CANCEL_ONLY"}, False),
        ({"status": "PRE_TRADING"}, False),
        ({"isSpotTradingAllowed": False}, False),
    ],
)
def test_a_product_trades_if_its_status_says_so(changes: dict[str, Any], online: bool) -> None:
    (product,) = CODEC.decode_products([listing(changes), day()])
    assert (product.online, product.status) == (online, changes.get("status", "TRADING"))


def test_a_product_of_which_no_trades_are_told_has_no_volume() -> None:
    (product,) = CODEC.decode_products([listing({"filters": []}), day(symbol="ETHUSDT")])
    assert product == Product("BTC-USDT", "BTC", "USDT", "0", "0", "0", "", "", online=True, status="TRADING")


def test_where_nobody_bids_or_asks_there_is_no_quote() -> None:
    nobody = dict.fromkeys(("bidPrice", "bidQty", "askPrice", "askQty"), "0.00000000")
    (product,) = CODEC.decode_products([listing({}), day(**nobody)])
    assert (product.bid, product.ask, product.bid_size, product.ask_size) == (None, None, None, None)


@pytest.mark.parametrize(
    "bodies",
    [
        [],
        [listing({})],
        [listing({}), day(), day()],
        [day(), listing({})],
        [b"", day()],
        [b"{}", day()],
        [listing({}), b"{}"],
        [listing({"baseAsset": None}), day()],
        [listing({"filters": {}}), day()],
        [listing({"filters": [{"filterType": "LOT_SIZE", "stepSize": "x"}]}), day()],
        [listing({}), day(lastPrice="x")],
        [listing({}), day(count=-1)],
        [listing({}), day(volume=None)],
    ],
)
def test_what_is_no_answer_about_products_is_a_protocol_error(bodies: list[bytes]) -> None:
    with pytest.raises(ProtocolError, match="not a Binance answer about products"):
        CODEC.decode_products(bodies)


# -- limits and time


def test_four_fifths_of_the_weight_that_is_told_are_used() -> None:
    assert CODEC.decode_rate([listing(rateLimits=LIMITS), day()]) == CODEC.rate == 80
    half = [{**LIMITS[1], "intervalNum": 2}]
    assert CODEC.decode_rate([listing(rateLimits=half), day()]) == 40


def test_an_answer_may_tell_no_limits() -> None:
    assert CODEC.decode_rate([listing(), day()]) is None
    assert CODEC.decode_rate([listing(rateLimits=LIMITS[:1])]) is None
    assert CODEC.decode_rate([]) is None


@pytest.mark.parametrize(
    "changes",
    [{"limit": 0}, {"limit": -1}, {"limit": "6000"}, {"limit": 10**12}, {"intervalNum": 0}, {"intervalNum": None}],
)
def test_limits_that_cannot_be_are_a_protocol_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        CODEC.decode_rate([listing(rateLimits=[{**LIMITS[1], **changes}])])


@pytest.mark.parametrize(
    ("codec", "used", "over"),
    [
        (CODEC, "5400", False),
        (CODEC, "5401", True),
        (CODEC, "9" * 400, True),
        (US, "1080", False),
        (US, "1081", True),
        (US, "", False),
        (US, "-1", False),
        (US, "many", False),
        (US, "٣٣٣٣٣", False),
    ],
)
def test_more_than_nine_tenths_of_the_allowance_is_nearly_used_up(codec: binance.Codec, used: str, over: bool) -> None:
    assert codec.over_limit({"x-mbx-used-weight-1m": used}) is over


def test_an_answer_may_come_without_such_a_header() -> None:
    assert not CODEC.over_limit({"x-ratelimit-remaining": "0"})


def test_the_time_is_read_in_milliseconds() -> None:
    assert CODEC.time_request() == Request("/api/v3/time", (), 1)
    assert CODEC.decode_time(b'{"serverTime":1499827319559}') == 1_499_827_319_559


@pytest.mark.parametrize("body", [b"", b"{}", b'{"serverTime":"1"}', b'{"serverTime":-1}', b'{"serverTime":1e99}'])
def test_what_is_no_answer_about_the_time_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="not a Binance answer about the time"):
        CODEC.decode_time(body)
