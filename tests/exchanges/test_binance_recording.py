"""Tests of Binance's codecs on what Binance really sent."""

import json
from collections import Counter

import pytest

from livermore.exchanges.assembly import Outcome
from livermore.exchanges.binance_us import Codec
from livermore.exchanges.frame import Frame, Kline, Klines
from livermore.market.amount import canonical
from livermore.market.candle import Candle, fault
from livermore.market.gap import Cause, Gap
from livermore.market.product import choose
from livermore.market.timeframe import Timeframe
from tests.exchanges.binance_recording import SYMBOLS, exchange_info, frames

US, TR = SYMBOLS
CODEC = Codec()


def decoded(name: str) -> list[Frame]:
    codec = Codec(SYMBOLS[name])
    return [codec.decode(data) for data in frames(name)]


def klines(name: str) -> list[Kline]:
    return [k for frame in decoded(name) for event in frame.events if isinstance(event, Klines) for k in event.klines]


def assembled(name: str) -> list[Outcome]:
    assembly = Codec(SYMBOLS[name]).assembly(SYMBOLS[name], 2_500)
    return [assembly.take(frame) for frame in decoded(name)]


@pytest.mark.parametrize(("name", "count"), [(US, 5), (TR, 8)])
def test_every_frame_is_read_and_nothing_in_it_is_unknown(name: str, count: int) -> None:
    told = Counter[str]()
    for data, frame in zip(frames(name), decoded(name), strict=True):
        kind = json.loads(data)["stream"].split("@")[1]
        told[kind] += 1
        assert bool(frame.events) == (kind == "kline_1m")
        assert (frame.time is None) == (kind == "bookTicker")  # which has none
    assert told["kline_1m"] == count
    assert told.keys() <= {"kline_1m", "aggTrade", "depth", "bookTicker"}


@pytest.mark.parametrize("name", SYMBOLS)
def test_every_kline_says_what_its_frame_says(name: str) -> None:
    told = [json.loads(data)["data"]["k"] for data in frames(name) if "@kline" in data]
    for raw, read in zip(told, klines(name), strict=True):
        assert read.series.symbol.replace("-", "") == raw["s"]
        assert (read.open_time, read.closed) == (raw["t"], raw["x"])
        assert (read.candle is None) == (raw["n"] == 0)
        if read.candle is not None:
            amounts = tuple(canonical(raw[key]) for key in "ohlcv")
            assert read.candle == Candle(*read.series, raw["t"], *amounts)
            assert fault(read.candle) is None


def test_of_four_symbols_one_was_closed_and_three_said_nothing() -> None:
    minute = 1_633_998_240_000
    outcomes = assembled(US)
    (closed,) = [c for outcome in outcomes for c in outcome.closed]
    assert closed == Candle(
        "binance_us", "OMG-BUSD", Timeframe.M1, minute, "13.7212", "13.8076", "13.7212", "13.7664", "536.51"
    )
    assert [(str(series), at) for o in outcomes for series, at in o.known] == [("OMG-BUSD:1m", minute)]
    holes = [gap for o in outcomes for gap in o.holes if gap.series.timeframe is Timeframe.M1]
    assert [gap.series.symbol for gap in holes] == ["COMP-USDT", "CRV-USDT", "ZRX-USDT"]
    assert all(gap == Gap(gap.series, minute, minute, Cause.UNCLOSED, traded=False) for gap in holes)


def test_four_minutes_were_closed_of_which_two_were_empty() -> None:
    minute = 1_681_153_980_000
    outcomes = assembled(TR)
    assert {(series.symbol, at) for o in outcomes for series, at in o.known} == {(s, minute) for s in SYMBOLS[TR]}
    assert {c.symbol: (c.close, c.volume) for o in outcomes for c in o.closed} == {
        "XEM-USDT": ("0.0411", "243"),
        "LTC-BRL": ("473.1", "0.534"),
    }
    assert not [gap for o in outcomes for gap in o.holes]


def test_of_all_products_those_on_a_break_are_not_chosen() -> None:
    found = CODEC.decode_products([exchange_info(), b"[]"])
    told = {s["symbol"]: s for s in json.loads(exchange_info())["symbols"]}
    assert len(found) == len(told) == 121
    assert {p.symbol.replace("-", ""): p.online for p in found} == {
        s: t["status"] == "TRADING" for s, t in told.items()
    }
    assert len(choose(found, (), 1000, {p.symbol: 1.0 for p in found})) < 121
    assert {(p.price_increment, p.base_increment) for p in found if p.symbol == "BTC-USD"} == {("0.01", "0.000001")}


def test_the_rate_is_four_fifths_of_the_recorded_limit() -> None:
    assert CODEC.decode_rate([exchange_info(), b"[]"]) == CODEC.rate == 16
