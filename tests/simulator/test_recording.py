"""A replayed recording: its frames at their moments, its REST answers from what they say."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from livermore.errors import LivermoreError
from livermore.market.instant import parse_iso
from livermore.market.timeframe import Timeframe
from livermore.simulator.recording import Recording
from livermore.simulator.request import Request
from livermore.simulator.rest import PREFIX, RestService
from livermore.simulator.session import CoinbaseSession
from tests.simulator.support import RECORDING, folded, of, read, rows, run, shared, subscribe

CHANNELS = ("market_trades", "candles", "ticker", "heartbeats")
START = 1_786_309_548_000


def trade(number: int, time: str, price: str = "2.5", symbol: str = "BTC-USD") -> dict[str, str]:
    return {"product_id": symbol, "trade_id": str(number), "price": price, "size": "1", "time": time, "side": "BUY"}


def line(channel: str, timestamp: str, **event: object) -> str:
    frame = {"channel": channel, "timestamp": timestamp, "sequence_num": 77, "events": [{"type": "update", **event}]}
    return json.dumps({"t": "recv", "data": json.dumps(frame)})


def small(tmp_path: Path, *lines: str) -> Recording:
    """A recording of these lines."""
    path = tmp_path / "small.jsonl"
    path.write_text("\n".join(('{"t":"header"}', *lines)))
    return Recording.load(path)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording.load(shared(RECORDING))


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    lines = map(json.loads, shared(RECORDING).read_text().splitlines())
    frames = [json.loads(line["data"]) for line in lines if line["t"] == "recv"]
    return [frame for frame in frames if frame["channel"] != "subscriptions"]


def without_number(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in f.items() if key != "sequence_num"} for f in frames]


def test_every_recorded_frame_is_replayed_in_order_and_numbered_anew(recording, recorded):
    session = CoinbaseSession(recording, START)
    frames = []
    for channel in reversed(CHANNELS):
        frames += read(session.receive(subscribe(channel, "BTC-USD", "ETH-USD"), START))
    frames += run(session, START + 60_000)
    assert [f["sequence_num"] for f in frames] == list(range(len(frames)))
    assert without_number([f for f in frames if f["channel"] != "subscriptions"]) == without_number(recorded)
    assert session.next_due() is None


def test_no_frame_comes_before_market_time_reaches_it(recording):
    session = CoinbaseSession(recording, START)
    session.receive(subscribe("market_trades", "BTC-USD"), START)
    for now in range(START, START + 26_000, 100):
        assert all(parse_iso(f["timestamp"]) < now for f in read(session.advance(now)))


def test_who_subscribes_later_gets_what_is_past_at_once(recording, recorded):
    now = START + 10_000
    frames = read(CoinbaseSession(recording, now).receive(subscribe("market_trades", "ETH-USD"), now))
    past = [f for f in of(recorded, "market_trades") if parse_iso(f["timestamp"]) < now]
    expected = [f for f in past if f["events"][0]["trades"][0]["product_id"] == "ETH-USD"]
    assert without_number(frames[:-1]) == without_number(expected)
    assert frames[-1]["channel"] == "subscriptions"


def test_only_the_channels_and_products_that_were_subscribed_are_replayed(recording):
    session = CoinbaseSession(recording, START)
    session.receive(subscribe("ticker", "ETH-USDC"), START)
    frames = run(session, START + 60_000)
    assert {f["channel"] for f in frames} == {"ticker"}
    assert {row["product_id"] for row in rows(frames, "tickers")} == {"ETH-USD"}


def test_what_was_not_recorded_cannot_be_subscribed_to(recording):
    session = CoinbaseSession(recording, START)
    [unknown] = read(session.receive(subscribe("ticker", "SOL-USD"), START))
    [channel] = read(session.receive(subscribe("status", "BTC-USD"), START))
    assert unknown["message"] == "unknown product: SOL-USD"
    assert channel["message"] == "unknown channel: status"


def test_minutes_are_folded_from_the_recorded_trades(recording):
    now = START + 60_000
    for symbol in ("BTC-USD", "ETH-USD"):
        trades = recording.trades(symbol, 0, now)
        assert len(trades) in {147, 132}
        assert recording.candles(symbol, Timeframe.M1, 0, now, now) == folded(trades, Timeframe.M1)


def test_a_candle_in_progress_rests_on_the_trades_up_to_now(recording):
    now = START + 5_000
    [*_, candle] = recording.candles("BTC-USD", Timeframe.M1, 0, now, now)
    trades = recording.newest_trades("BTC-USD", now, 1)
    assert candle.close == trades[0].price
    later = recording.candles("BTC-USD", Timeframe.M1, 0, now, now + 5_000)[-1]
    assert Decimal(later.volume) > Decimal(candle.volume)


def test_five_minutes_are_the_last_word_of_the_candles_channel(recording, recorded):
    now = START + 60_000
    last = {(r["product_id"], r["start"]): r for r in rows(of(recorded, "candles"), "candles")}
    candles = recording.candles("BTC-USD", Timeframe.M5, 0, now, now)
    assert len(candles) == 100
    for candle in candles:
        row = last["BTC-USD", str(candle.open_time // 1_000)]
        assert (candle.open, candle.high, candle.low) == (row["open"], row["high"], row["low"])
        assert (candle.close, candle.volume) == (row["close"], row["volume"])


def test_larger_candles_are_rolled_up_from_those_of_five_minutes(recording):
    now = START + 60_000
    fives = recording.candles("ETH-USD", Timeframe.M5, 0, now, now)
    hours = recording.candles("ETH-USD", Timeframe.H1, 0, now, now)
    assert sum(Decimal(c.volume) for c in hours) == sum(Decimal(c.volume) for c in fives)
    newest = [c for c in fives if c.open_time >= hours[-1].open_time]
    assert hours[-1].high == max((c.high for c in newest), key=Decimal)
    assert hours[-1].low == min((c.low for c in newest), key=Decimal)
    assert (hours[-1].open, hours[-1].close) == (newest[0].open, newest[-1].close)
    assert [c.open_time % Timeframe.H1.ms for c in hours] == [0] * len(hours)


def test_products_tell_the_last_ticker(recording):
    def price(now: int) -> tuple[str, str]:
        path = PREFIX + "market/products/BTC-USD"
        row = json.loads(RestService(recording).answer(Request("GET", path, {}, "a", now, 0.0)).body)
        return row["price"], row["base_increment"]

    assert price(START) == ("", "0.00000001")
    assert price(START + 400) == ("65086.18", "0.00000001")
    assert price(START + 60_000)[0] == recording.ticker("BTC-USD", START + 60_000).price


def test_candles_are_answered_by_the_same_service_as_the_market_s(recording):
    query = {"start": str(START // 1_000 - 600), "end": str(START // 1_000 + 60), "granularity": "ONE_MINUTE"}
    request = Request("GET", PREFIX + "market/products/BTC-USD/candles", query, "a", START + 60_000, 0.0)
    found = json.loads(RestService(recording).answer(request).body)["candles"]
    assert [int(row["start"]) for row in found] == [1_786_309_560, 1_786_309_500, 1_786_309_440]


def test_frames_of_different_channels_keep_the_order_in_which_they_were_recorded(tmp_path):
    late = line("market_trades", "2026-08-09T21:05:48.2Z", trades=[trade(1, "2026-08-09T21:05:47Z")])
    early = line("heartbeats", "2026-08-09T21:05:48.1Z")
    session = CoinbaseSession(small(tmp_path, late, early), START)
    for message in (subscribe("heartbeats"), subscribe("market_trades", "BTC-USD")):
        session.receive(message, START)
    assert session.advance(START + 199) == []
    assert [f["channel"] for f in read(session.advance(START + 200))] == ["market_trades", "heartbeats"]


def test_a_frame_that_falls_due_as_one_subscribes_comes_once(tmp_path):
    recording = small(tmp_path, line("heartbeats", "2026-08-09T21:05:48.1Z"))
    session = CoinbaseSession(recording, START)
    at_once = read(session.receive(subscribe("heartbeats"), START + 100))
    assert [f["channel"] for f in at_once] == ["heartbeats", "subscriptions"]
    assert session.next_due() is None


def test_a_frame_is_never_sent_before_the_one_recorded_before_it(tmp_path):
    early = line("market_trades", "2026-08-09T21:05:48.100000001Z", trades=[trade(2, "2026-08-09T21:05:48Z")])
    late = line("market_trades", "2026-08-09T21:05:48.200000001Z", trades=[trade(1, "2026-08-09T21:05:47Z")])
    recording = small(tmp_path, late, early)
    session = CoinbaseSession(recording, START)
    session.receive(subscribe("market_trades", "BTC-USD"), START)
    assert session.next_due() == START + 201
    assert [t["trade_id"] for t in rows(read(session.advance(START + 201)), "trades")] == ["1", "2"]


def test_a_trade_that_was_recorded_twice_counts_once(tmp_path):
    one, two = trade(1, "2026-08-09T21:05:47Z"), trade(2, "2026-08-09T21:05:48Z", "2.50")
    recording = small(
        tmp_path,
        line("market_trades", "2026-08-09T21:05:48.5Z", trades=[two, one]),
        line("market_trades", "2026-08-09T21:05:49Z", trades=[two]),
    )
    [candle] = recording.candles("BTC-USD", Timeframe.M1, 0, START + 9_000, START + 9_000)
    assert (candle.volume, candle.close) == ("2", "2.5")
    assert [t.price for t in recording.newest_trades("BTC-USD", START + 9_000, 5)] == ["2.5", "2.5"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "holds no frames"),
        (["nonsense"], "is not a recording"),
        ([json.dumps({"t": "recv", "data": "nonsense"})], "is not a recording"),
        ([line("ticker", "yesterday")], "expected a time"),
        ([line("market_trades", "2026-08-09T21:05:49Z", trades=[{"product_id": 5}])], "is not a recording"),
        (
            [
                line(
                    "market_trades",
                    "2026-08-09T21:05:49Z",
                    trades=[trade(1, "2026-08-09T21:05:47Z", symbol=s) for s in "AB"],
                )
            ],
            "mixes products",
        ),
    ],
)
def test_a_file_that_is_no_recording_is_refused_in_one_sentence(tmp_path, lines, said):
    with pytest.raises(LivermoreError, match=said) as caught:
        small(tmp_path, *lines)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(LivermoreError, match=r"nowhere\.jsonl cannot be read: No such file"):
        Recording.load(tmp_path / "nowhere.jsonl")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LivermoreError, match="is not a recording"):
        Recording.load(tmp_path / "binary")
