"""What each channel of the live market sends, and when."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest

from livermore.market.instant import parse_iso
from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import INSTRUMENTS
from livermore.simulator.market import Market
from livermore.simulator.session import CoinbaseSession
from tests.simulator.support import MINUTE, NOW, of, read, rows, run, subscribe

SYMBOLS = [instrument.symbol for instrument in INSTRUMENTS]
MARKET = Market(7)


def heard(channel: str, *symbols: str, minutes: int = 3) -> list[dict]:
    """All frames of a subscription made at `NOW`, the snapshots first."""
    session = CoinbaseSession(MARKET, NOW)
    return of(read(session.receive(subscribe(channel, *symbols), NOW)) + run(session, NOW + minutes * MINUTE), channel)


def test_a_trades_snapshot_is_the_last_hundred_newest_first():
    snapshot = heard("market_trades", "SLP-USD")[0]["events"][0]
    assert snapshot["type"] == "snapshot"
    numbers = [int(t["trade_id"]) for t in snapshot["trades"]]
    assert len(numbers) == 100
    assert numbers == list(range(numbers[0], numbers[0] - 100, -1))
    assert numbers[0] == MARKET.newest_trades("SLP-USD", NOW, 1)[0].number


@pytest.mark.parametrize("symbol", ["BTC-USD", "LTC-USD", "SLP-USD"])
def test_updates_join_the_snapshot_and_tell_each_trade_once(symbol):
    frames = heard("market_trades", symbol, minutes=30)
    ascending = [int(row["trade_id"]) for frame in frames for row in rows([frame], "trades")[::-1]]
    assert ascending == list(range(ascending[0], ascending[0] + len(ascending)))
    assert ascending[-1] == MARKET.newest_trades(symbol, NOW + 30 * MINUTE - 250, 1)[0].number


def test_a_trade_comes_with_the_first_frame_of_the_grid_that_is_not_before_it():
    frames = heard("market_trades", *SYMBOLS)[len(SYMBOLS) :]
    for frame in frames:
        at = parse_iso(frame["timestamp"])
        trades = rows([frame], "trades")
        assert at % 250 == 0
        assert trades, "an empty frame"
        assert all(at - 250 <= parse_iso(t["time"]) < at for t in trades)
        assert len({t["product_id"] for t in trades}) == 1
        assert all(int(a["trade_id"]) > int(b["trade_id"]) for a, b in pairwise(trades))


def test_heartbeats_come_every_second_and_count():
    frames = heard("heartbeats")
    beats = [frame["events"][0] for frame in frames]
    assert [parse_iso(f["timestamp"]) for f in frames] == list(
        range(NOW // 1_000 * 1_000 + 1_000, NOW + 180_000, 1_000)
    )
    counts = [beat["heartbeat_counter"] for beat in beats]
    assert counts == list(range(counts[0], counts[0] + 180))
    assert beats[0]["current_time"].startswith("2026-08-09 21:05:48.998476038 +0000 UTC m=+")


def test_a_ticker_follows_every_trade_and_every_change_of_the_quotes():
    frames = heard("ticker", "BTC-USD")
    times = [parse_iso(f["timestamp"]) for f in frames]
    trades = {-(-t.time // 250_000) * 250 for t in MARKET.trades("BTC-USD", NOW, NOW + 3 * MINUTE - 250)}
    quotes = set(range(NOW // 2_000 * 2_000 + 2_000, NOW + 3 * MINUTE, 2_000))
    assert frames[0]["events"][0]["type"] == "snapshot"
    assert set(times[1:]) == trades | quotes
    assert times[1:] == sorted(trades | quotes)


def test_a_ticker_tells_the_price_of_the_newest_trade():
    for frame in heard("ticker", "ETH-USD", minutes=1):
        [ticker] = rows([frame], "tickers")
        assert ticker["price"] == MARKET.newest_trades("ETH-USD", parse_iso(frame["timestamp"]), 1)[0].price


@pytest.mark.parametrize("symbol", ["BTC-USD", "SLP-USD"])
def test_a_candles_snapshot_is_a_hundred_ascending_the_open_one_included(symbol):
    [event] = heard("candles", symbol)[0]["events"]
    starts = [int(c["start"]) * 1_000 for c in event["candles"]]
    assert event["type"] == "snapshot"
    assert len(starts) == 100
    assert all(a < b for a, b in pairwise(starts))
    newest = MARKET.newest_trades(symbol, NOW, 1)[0].time // 1_000
    assert starts[-1] == Timeframe.M5.floor(newest)


def test_candles_are_updated_every_ten_seconds_if_there_were_trades():
    frames = heard("candles", "BTC-USD", "SLP-USD", minutes=30)
    updates = Counter(rows([f], "candles")[0]["product_id"] for f in frames if f["events"][0]["type"] == "update")
    assert updates["BTC-USD"] == 180
    trades = MARKET.trades("SLP-USD", NOW, NOW + 30 * MINUTE - 10_000)
    assert updates["SLP-USD"] == len(trades) > 0
    assert {parse_iso(f["timestamp"]) % 10_000 for f in frames[2:]} == {7_000}
    assert all(len(rows([f], "candles")) == 1 for f in frames[2:])


def test_the_last_word_of_the_candles_channel_is_not_the_end_of_a_bucket():
    words = {c["start"]: c for c in rows(heard("candles", "BTC-USD", minutes=20)[1:], "candles")}
    closed = MARKET.candles("BTC-USD", Timeframe.M5, NOW, NOW + 15 * MINUTE, NOW + 20 * MINUTE)
    assert len(closed) == 3
    for candle in closed:
        word = words[str(candle.open_time // 1_000)]
        assert word["open"] == candle.open
        assert Decimal(word["volume"]) < Decimal(candle.volume)
