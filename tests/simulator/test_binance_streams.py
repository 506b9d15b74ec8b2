"""The streams of the simulated Binance: what is said on each of them, and when (`exchanges.md` 3)."""

import json
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.market.timeframe import Timeframe
from livermore.simulator.binance_session import BinanceSession
from livermore.simulator.closings import LATEST, SOONEST
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from tests.simulator.binance_support import INSTRUMENTS, MARKET, NATIVE, amounts, ask, klines, read, run
from tests.simulator.support import MINUTE, NOW, shared

KINDS = ["kline_1m", "kline_5m", "kline_1d", "miniTicker", "ticker", "trade"]


@pytest.mark.parametrize("symbol", ["btcusdt", "ltcusdt", "slpusdt"])
@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1])
def test_an_open_kline_is_told_every_two_seconds_at_most_and_only_when_it_has_changed(symbol, timeframe):
    events = klines(f"{symbol}@kline_{timeframe}", NOW, NOW + 20 * MINUTE)
    opened = [e for e in events if not e["k"]["x"]]
    assert all((b["E"] - a["E"]) % 2_000 == 0 for a, b in pairwise(opened))
    assert all(a["E"] < b["E"] for a, b in pairwise(opened))
    assert all(a["k"]["n"] < b["k"]["n"] for a, b in pairwise(opened) if a["k"]["t"] == b["k"]["t"])
    for event in opened:
        inner = event["k"]
        [true] = MARKET.candles(_canonical(symbol), timeframe, inner["t"], inner["t"], event["E"])
        assert amounts(inner) == tuple(map(Decimal, (true.open, true.high, true.low, true.close, true.volume)))


def _canonical(native: str) -> str:
    return next(i.symbol for i in INSTRUMENTS if i.symbol.replace("-", "").lower() == native)


@pytest.mark.parametrize("timeframe", Timeframe)
def test_a_closed_kline_is_told_once_some_time_after_its_end_and_is_the_true_candle(timeframe):
    buckets = 1 if timeframe in {Timeframe.H4, Timeframe.D1} else 3
    since = timeframe.floor(NOW) + timeframe.ms - 5_000
    until = since + 10_000 + (buckets - 1) * timeframe.ms
    closed = [e for e in klines(f"avaxusdt@kline_{timeframe}", since, until) if e["k"]["x"]]
    assert len(closed) == buckets
    for event in closed:
        inner = event["k"]
        assert 1 + SOONEST <= event["E"] - inner["T"] <= 1 + LATEST
        [true] = MARKET.candles("AVAX-USDT", timeframe, inner["t"], inner["t"], event["E"])
        assert amounts(inner) == tuple(map(Decimal, (true.open, true.high, true.low, true.close, true.volume)))


def test_nothing_is_said_of_a_bucket_before_the_one_before_it_is_closed():
    events = klines("btcusdt@kline_1m", NOW, NOW + 30 * MINUTE)
    assert all(a["E"] <= b["E"] and a["k"]["t"] <= b["k"]["t"] for a, b in pairwise(events))
    assert all(a["k"]["x"] for a, b in pairwise(events) if a["k"]["t"] < b["k"]["t"])
    assert sum(e["k"]["x"] for e in events) in {29, 30}


def test_of_a_bucket_without_trades_one_hears_only_sometimes():
    events = [e["k"] for e in klines("slpusdt@kline_1m", NOW, NOW + 300 * MINUTE)]
    closed = [inner for inner in events if inner["x"]]
    empty = [inner for inner in closed if not inner["n"]]
    assert 90 < len(empty) < 180
    assert {(inner["f"], inner["L"], inner["v"], inner["q"]) for inner in empty} == {
        (-1, -1, "0.00000000", "0.00000000")
    }
    assert all(inner["o"] == inner["h"] == inner["l"] == inner["c"] for inner in empty)
    true = MARKET.candles("SLP-USDT", Timeframe.M1, NOW, NOW + 299 * MINUTE, NOW + 300 * MINUTE)
    told = {inner["t"] for inner in closed if inner["n"]}
    assert {c.open_time for c in true[:-1]} <= told


def test_the_delays_of_closing_frames_differ_from_seed_to_seed_and_from_bucket_to_bucket():
    def delays(seed: int) -> list[int]:
        market = Market(seed, made(1, "USDT"), "binance")
        events = klines("btcusdt@kline_1m", NOW, NOW + 20 * MINUTE, market)
        return [e["E"] - e["k"]["T"] for e in events if e["k"]["x"]]

    assert delays(1) == delays(1) != delays(2)
    assert len(set(delays(1))) > 15
    assert max(delays(1)) > 1_500
    assert min(delays(1)) < 500


def test_a_mini_ticker_comes_every_second_in_which_somebody_traded():
    events = klines("slpusdt@miniTicker", NOW, NOW + 60 * MINUTE)
    seconds = {-(-t.time // 1_000_000) * 1_000 for t in MARKET.trades("SLP-USDT", NOW - NOW % 1_000, NOW + 60 * MINUTE)}
    assert [e["E"] for e in events] == sorted(at for at in seconds if NOW < at <= NOW + 60 * MINUTE)
    for event in events:
        ticker = MARKET.ticker("SLP-USDT", event["E"])
        assert ticker is not None
        told = tuple(Decimal(event[name]) for name in "chlv")
        assert told == tuple(map(Decimal, (ticker.price, ticker.high_24_h, ticker.low_24_h, ticker.volume_24_h)))
        assert list(event) == ["e", "E", "s", "c", "o", "h", "l", "v", "q"]
        assert event["s"] == "SLPUSDT"


def test_every_trade_is_told_once_with_its_number():
    events = klines("btcusdt@trade", NOW, NOW + MINUTE)
    trades = MARKET.trades("BTC-USDT", NOW, NOW + MINUTE)
    assert [(e["t"], Decimal(e["p"]), Decimal(e["q"])) for e in events] == [
        (t.number, Decimal(t.price), Decimal(t.size)) for t in trades
    ]
    assert [e["m"] for e in events] == [t.side == "BUY" for t in trades]
    assert all(0 <= e["E"] - e["T"] <= 1 for e in events)


def test_a_ticker_of_24_hours_tells_the_quotes_and_counts_the_trades():
    event = klines("ethusdt@ticker", NOW, NOW + MINUTE)[-1]
    day, quotes = MARKET.day("ETH-USDT", event["E"]), MARKET.ticker("ETH-USDT", event["E"])
    assert day is not None
    assert quotes is not None
    assert (event["F"], event["L"], event["n"]) == (*day.numbers, day.trades)
    assert (Decimal(event["b"]), Decimal(event["a"])) == (Decimal(quotes.best_bid), Decimal(quotes.best_ask))
    assert Decimal(event["p"]) == Decimal(event["c"]) - Decimal(event["o"])


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(1, 20_000), max_size=20),
    st.dictionaries(st.sampled_from(KINDS), st.integers(0, 4_000), min_size=1),
    st.sampled_from(NATIVE),
    st.integers(0, MINUTE),
)
def test_frames_depend_on_neither_when_one_subscribed_nor_on_how_often_one_looked(steps, kinds, symbol, offset):
    start = NOW + offset
    end = start + 90_000

    def heard(moments: Iterable[int]) -> list[str]:
        session = BinanceSession(MARKET, start)
        texts: list[str] = []
        asked = {start + 1_001 * number + after: kind for number, (kind, after) in enumerate(kinds.items())}
        for moment in sorted({*moments, *asked, end}):
            if moment in asked:
                texts += session.receive(ask("SUBSCRIBE", f"{symbol}@{asked[moment]}"), moment)
            texts += session.advance(moment)
        return texts

    looks, now = [], start
    for step in steps:
        now = min(now + step, end)
        looks.append(now)
    assert heard(looks) == heard([]) == heard(range(start, end, 500))


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(KINDS), st.sampled_from(NATIVE), st.integers(0, 2 * MINUTE))
def test_who_comes_later_hears_the_same(kind, symbol, later):
    stream = f"{symbol}@{kind}"
    early = klines(stream, NOW, NOW + 4 * MINUTE)
    assert [e for e in early if e["E"] > NOW + later] == klines(stream, NOW + later, NOW + 4 * MINUTE)


def test_nothing_is_told_of_what_comes_after_now():
    session = BinanceSession(MARKET, NOW, [f"{symbol}@{kind}" for symbol in NATIVE for kind in KINDS])
    for now in range(NOW, NOW + MINUTE, 777):
        for frame in read(session.advance(now)):
            event = frame["data"]
            assert event["E"] <= now
            assert event.get("T", 0) <= now
            if event["e"] == "kline" and event["k"]["x"]:
                assert event["k"]["T"] < now


def test_a_kline_has_the_form_of_a_recorded_one():
    lines = shared("binance/tr_ws_2023-04-10.txt").read_text().splitlines()
    recorded = [json.loads(line.partition(": ")[2]) for line in lines if '"e":"kline"' in line]
    ours = run(BinanceSession(MARKET, NOW, ["btcusdt@kline_1m", "slpusdt@kline_1m"]), NOW + 10 * MINUTE)

    def form(frame: Any) -> Any:
        if isinstance(frame, dict):
            return {name: form(value) for name, value in frame.items()}
        return len(frame.partition(".")[2]) if isinstance(frame, str) else type(frame)

    keys = {json.dumps(form(frame), default=str) for frame in recorded}
    assert {json.dumps(form(frame), default=str) for frame in ours} == keys
