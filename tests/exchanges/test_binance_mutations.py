"""Tests of Binance's codecs on frames and answers that something has happened to: a protocol error, or nothing."""

import json
import time
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livermore.exchanges.binance_us import Codec
from livermore.exchanges.frame import Frame, Klines, Tickers
from livermore.exchanges.kline_assembly import KlineAssembly
from livermore.market.candle import Series, fault, from_json, to_json
from livermore.market.timeframe import Timeframe
from tests.exchanges.binance_recording import SYMBOLS, exchange_info
from tests.exchanges.binance_recording import frames as recorded_frames
from tests.exchanges.mutation import check_amounts, mutated, often, read, shortened

WATCHED = tuple(symbol for symbols in SYMBOLS.values() for symbol in symbols)
CODEC = Codec(WATCHED)
ETH = Series("binance_us", "ETH-USD", Timeframe.D1)
END = 253_402_300_800_000
MADE: list[dict[str, Any]] = [
    {"result": None, "id": 1},
    {"error": {"code": 2, "msg": "Invalid request"}, "id": 1},
    {"code": 3, "msg": "Invalid JSON"},
    {"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1_633_998_300_000}},
    {
        "stream": "omgbusd@miniTicker",
        "data": {
            "e": "24hrMiniTicker", "E": 1_633_998_300_000, "s": "OMGBUSD", "c": "13.76", "o": "13.2", "h": "14.0",
            "l": "13.00", "v": "1.5", "q": "20",
        },
    },
]  # fmt: skip
"""Frames that were not recorded."""


@cache
def klines() -> list[dict[str, Any]]:
    return [json.loads(data) for name in SYMBOLS for data in recorded_frames(name) if "@kline" in data]


@cache
def frames() -> list[dict[str, Any]]:
    """All klines, thrice, wrapped and raw; a few frames of each other kind."""
    others = [json.loads(data) for name in SYMBOLS for data in recorded_frames(name)[:20]]
    return [*MADE, *klines() * 2, *(frame["data"] for frame in klines()), *others]


@cache
def answers_about_candles() -> list[Any]:
    """Made of the recorded klines."""
    bars = [frame["data"]["k"] for frame in klines()]
    return [[[*(bar[key] for key in "tohlcvTqnVQ"), "0"] for bar in bars]]


@cache
def answers_about_products() -> list[Any]:
    return [{**json.loads(exchange_info()), "symbols": shortened(json.loads(exchange_info())["symbols"])}]


@cache
def answers_about_days() -> list[Any]:
    keys = ("lastPrice", "volume", "quoteVolume", "bidPrice", "bidQty", "askPrice", "askQty")
    return [[{"symbol": s, **dict.fromkeys(keys, "1.50"), "count": 7} for s in ("BTCUSD", "ETHUSD")]]


@often
@given(st.data())
def test_a_frame_that_something_has_happened_to_is_read_well_or_refused(data: st.DataObject) -> None:
    frame = read(CODEC.decode, data.draw(mutated(frames)))
    assert frame is None or frame.time is None or 0 <= frame.time < END
    for event in frame.events if frame else ():
        for kline in event.klines if isinstance(event, Klines) else ():
            assert 0 <= kline.open_time <= frame.time
            assert kline.candle is None or fault(kline.candle) or from_json(to_json(kline.candle)) == kline.candle
        for ticker in event.tickers if isinstance(event, Tickers) else ():
            check_amounts(ticker.price, ticker.high24h, ticker.low24h, ticker.volume24h)
            check_amounts(ticker.change24h.removeprefix("-"), ticker.change_percent24h.removeprefix("-"))


@often
@given(st.data())
def test_whatever_is_read_the_assembly_can_take_and_soon_has_taken(data: st.DataObject) -> None:
    """A time in the year 9000 makes no million of gaps."""
    assembly = KlineAssembly("binance_us", WATCHED, 2_500)
    sound = [CODEC.decode(json.dumps(frame)) for frame in klines()[:3]]
    odd = [read(CODEC.decode, data.draw(mutated(klines))) for _ in range(3)]
    for frame in (*sound, *filter(None, odd), Frame([], None, END - 1)):
        before = time.perf_counter()
        outcome = assembly.take(frame)
        assert time.perf_counter() - before < 5
        assert all(fault(closed) or from_json(to_json(closed)) == closed for closed in outcome.closed)
        assert all(
            gap.first % gap.series.timeframe.ms == 0 == gap.last % gap.series.timeframe.ms for gap in outcome.holes
        )
        assert all(gap.first <= gap.last for gap in outcome.holes)
        for forming in assembly.ticks()[1]:
            assert to_json(forming)


@often
@given(st.data())
def test_so_is_an_answer_about_candles(data: st.DataObject) -> None:
    found = read(lambda body: CODEC.decode_candles(ETH, body), data.draw(mutated(answers_about_candles))) or []
    times = [c.open_time for c in found]
    assert times == sorted(set(times))
    for one in found:
        check_amounts(one.open, one.high, one.low, one.close, one.volume)
        assert fault(one) or from_json(to_json(one)) == one


@often
@given(st.data())
def test_so_are_the_answers_about_products(data: st.DataObject) -> None:
    bodies = data.draw(
        st.one_of(
            st.tuples(mutated(answers_about_products), st.just(json.dumps(answers_about_days()[0]).encode())),
            st.tuples(st.just(json.dumps(answers_about_products()[0]).encode()), mutated(answers_about_days)),
        )
    )
    for product in read(CODEC.decode_products, bodies) or []:  # type: ignore[arg-type]
        check_amounts(product.price, product.volume24h, product.quote_volume24h)
        check_amounts(*filter(None, (product.bid, product.ask, product.price_increment, product.base_increment)))
    rate = read(CODEC.decode_rate, bodies)  # type: ignore[arg-type]
    assert rate is None or 0 < rate < 1e9


@often
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_so_is_any_rubbish(data: bytes | str) -> None:
    read(CODEC.decode, data)  # type: ignore[arg-type]
    if isinstance(data, bytes):
        read(lambda body: CODEC.decode_candles(ETH, body), data)
        read(lambda body: CODEC.decode_products([body, body]), data)
        read(CODEC.decode_time, data)
