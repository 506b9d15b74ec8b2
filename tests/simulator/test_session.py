"""One connection: every rule of the wire (`exchanges.md` 1.2 to 1.6)."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.exchanges.coinbase import Codec
from livermore.exchanges.frame import Refused, Subscribed, Tickers, Trades
from livermore.market.instant import parse_iso
from livermore.simulator.instruments import INSTRUMENTS
from livermore.simulator.market import Market
from livermore.simulator.session import CoinbaseSession
from tests.simulator.support import MINUTE, NOW, of, read, rows, run, subscribe, unsubscribe

SYMBOLS = [instrument.symbol for instrument in INSTRUMENTS]
MARKET = Market(7)


@pytest.fixture
def session() -> CoinbaseSession:
    return CoinbaseSession(MARKET, NOW)


def test_who_does_not_subscribe_within_five_seconds_is_hung_up_on(session):
    assert session.next_due() == NOW + 5_000
    assert session.advance(NOW + 4_999) == []
    assert session.closed is None
    assert session.advance(NOW + 5_000) == []
    assert session.closed == (1008, "no subscribe message within 5 seconds")
    assert session.next_due() is None
    assert session.receive(subscribe("heartbeats"), NOW + 5_001) == []


def test_a_subscription_comes_too_late_even_if_nobody_looked_meanwhile(session):
    assert session.receive(subscribe("heartbeats"), NOW + 5_000) == []
    assert session.closed is not None


@pytest.mark.parametrize("message", ["nonsense", subscribe("level9"), unsubscribe("heartbeats")])
def test_only_a_good_subscription_stops_the_five_seconds(session, message):
    session.receive(message, NOW)
    session.advance(NOW + 5_000)
    assert session.closed is not None


def test_who_subscribed_may_stay_even_after_leaving_every_channel(session):
    session.receive(subscribe("heartbeats"), NOW + 4_999)
    session.receive(unsubscribe("heartbeats"), NOW + 5_500)
    assert session.advance(NOW + 100_000) == []
    assert session.closed is None
    assert session.next_due() is None


def test_the_patience_can_be_stretched_for_a_fast_clock():
    assert CoinbaseSession(MARKET, NOW, patience=50_000).next_due() == NOW + 50_000


def test_snapshots_come_before_the_acknowledgement_and_the_count_starts_at_0(session):
    frames = read(session.receive(subscribe("market_trades", "BTC-USD", "ETH-USD"), NOW))
    assert [f["channel"] for f in frames] == ["market_trades", "market_trades", "subscriptions"]
    assert [f["sequence_num"] for f in frames] == [0, 1, 2]
    assert frames[2]["events"] == [{"subscriptions": {"market_trades": ["BTC-USD", "ETH-USD"]}}]
    assert frames[0]["timestamp"] == "2026-08-09T21:05:48.123000000Z"


def test_every_frame_of_every_channel_counts(session):
    frames = []
    for channel in ("market_trades", "ticker", "candles", "heartbeats"):
        frames += read(session.receive(subscribe(channel, "BTC-USD", "SLP-USD"), NOW))
    frames += run(session, NOW + 2 * MINUTE)
    assert {f["channel"] for f in frames} == {"market_trades", "ticker", "candles", "heartbeats", "subscriptions"}
    assert [f["sequence_num"] for f in frames] == list(range(len(frames)))
    assert all(a["timestamp"] <= b["timestamp"] for a, b in pairwise(frames))


def test_acknowledgements_tell_everything_that_is_subscribed(session):
    def told(message: str) -> dict[str, set[str]]:
        [event] = read(session.receive(message, NOW))[-1]["events"]
        return {channel: set(symbols) for channel, symbols in event["subscriptions"].items()}

    assert told(subscribe("ticker", "BTC-USD")) == {"ticker": {"BTC-USD"}}
    assert told(subscribe("heartbeats")) == {"ticker": {"BTC-USD"}, "heartbeats": {"heartbeats"}}
    both = {"ticker": {"BTC-USD", "ETH-USD"}, "heartbeats": {"heartbeats"}}
    assert told(subscribe("ticker", "ETH-USD")) == both
    assert told(subscribe("ticker", "ETH-USD")) == both
    assert told(unsubscribe("ticker", "BTC-USD", "SOL-USD")) == both | {"ticker": {"ETH-USD"}}
    assert told(unsubscribe("ticker")) == {"heartbeats": {"heartbeats"}}
    assert told(unsubscribe("heartbeats")) == {}


def test_what_was_left_is_silent_and_the_rest_goes_on(session):
    session.receive(subscribe("market_trades", "BTC-USD", "ETH-USD"), NOW)
    session.receive(subscribe("heartbeats"), NOW)
    run(session, NOW + 5_000)
    session.receive(unsubscribe("market_trades", "ETH-USD"), NOW + 5_000)
    frames = run(session, NOW + MINUTE)
    assert {row["product_id"] for row in rows(of(frames, "market_trades"), "trades")} == {"BTC-USD"}
    assert of(frames, "heartbeats")


def test_who_comes_back_to_a_product_gets_a_new_snapshot_and_each_trade_once(session):
    session.receive(subscribe("market_trades", "BTC-USD"), NOW)
    session.receive(unsubscribe("market_trades"), NOW + 1_000)
    frames = read(session.receive(subscribe("market_trades", "BTC-USD"), NOW + MINUTE)) + run(session, NOW + 2 * MINUTE)
    assert [f["events"][0]["type"] for f in frames[:1]] == ["snapshot"]
    numbers = [int(row["trade_id"]) for row in rows(of(frames, "market_trades"), "trades")]
    assert len(numbers) == len(set(numbers))


def test_a_product_that_is_subscribed_twice_is_told_once(session):
    session.receive(subscribe("market_trades", "BTC-USD", "BTC-USD", "BTC-USDC"), NOW)
    assert [f["channel"] for f in read(session.receive(subscribe("market_trades", "BTC-USD"), NOW))] == [
        "subscriptions"
    ]
    numbers = [row["trade_id"] for row in rows(run(session, NOW + MINUTE), "trades")]
    assert len(numbers) == len(set(numbers)) > 20


def test_an_alias_is_answered_under_the_name_of_its_book(session):
    frames = read(session.receive(subscribe("ticker", "BTC-USDC"), NOW))
    assert rows(frames, "tickers")[0]["product_id"] == "BTC-USD"
    assert frames[-1]["events"] == [{"subscriptions": {"ticker": ["BTC-USD"]}}]
    left = read(session.receive(unsubscribe("ticker", "BTC-USDC"), NOW))
    assert left[-1]["events"] == [{"subscriptions": {}}]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("nonsense", "malformed"),
        ("[]", "malformed"),
        (b"\xff\xfe", "malformed"),
        ('{"type":"subscribe"}', "malformed"),
        ('{"type":"shout","channel":"ticker","product_ids":["BTC-USD"]}', "malformed"),
        (subscribe("ticker", "BTC-USD", jwt=5), "malformed"),
        (subscribe("ticker", "BTC-USD", jwt=None), "malformed"),
        (subscribe("ticker", "BTC-USD", jwt=""), "authentication failure"),
        (subscribe("ticker"), "product_ids"),
        (subscribe("ticker", product_ids=[]), "product_ids"),
        (subscribe("gossip", "BTC-USD"), "unknown channel: gossip"),
        (subscribe("ticker", "BTC-USD", "NO-SUCH"), "unknown product: NO-SUCH"),
        (unsubscribe("ticker", "NO-SUCH"), "unknown product: NO-SUCH"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_number_and_nothing_else_happens(session, message, said):
    session.receive(subscribe("heartbeats"), NOW)
    [text] = session.receive(message, NOW)
    error = json.loads(text)
    assert list(error) == ["type", "message"]
    assert error["type"] == "error"
    assert said in error["message"]
    assert session.closed is None
    frames = run(session, NOW + 3_000)
    assert [(f["channel"], f["sequence_num"]) for f in frames] == [("heartbeats", n) for n in (1, 2, 3)]


def test_a_signed_message_is_as_good_as_an_unsigned_one(session):
    assert len(session.receive(subscribe("ticker", "BTC-USD", jwt="a.b.c"), NOW)) == 2


def test_unknown_fields_in_a_message_are_no_fault(session):
    assert len(session.receive(subscribe("ticker", "BTC-USD", client_id="x"), NOW)) == 2


def test_nothing_is_told_of_what_comes_after_now(session):
    for channel in ("market_trades", "ticker", "candles", "heartbeats"):
        session.receive(subscribe(channel, *SYMBOLS), NOW)
    for now in range(NOW, NOW + MINUTE, 333):
        for frame in read(session.advance(now)):
            assert parse_iso(frame["timestamp"]) <= now
            assert all(parse_iso(row["time"]) < now for row in rows([frame], "trades"))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 20_000), max_size=30),
    st.dictionaries(
        st.sampled_from(["market_trades", "ticker", "candles", "heartbeats"]), st.integers(0, 4_000), min_size=1
    ),
    st.sampled_from(SYMBOLS),
)
def test_frames_depend_on_when_one_subscribed_and_not_on_how_often_one_looked(steps, subscriptions, symbol):
    end = NOW + 90_000

    def heard(moments: list[int]) -> list[str]:
        session, frames = CoinbaseSession(MARKET, NOW), []
        todo = sorted((NOW + after, channel) for channel, after in subscriptions.items())
        for moment in sorted({*moments, *(at for at, _ in todo), end}):
            for at, channel in todo:
                if at == moment:
                    frames += session.receive(subscribe(channel, symbol), moment)
            frames += session.advance(moment)
        return frames

    looks, now = [], NOW
    for step in steps:
        now = min(now + step, end)
        looks.append(now)
    assert heard(looks) == heard([]) == heard(list(range(NOW, end, 250)))


def test_the_codec_of_the_program_understands_every_frame(session):
    texts = []
    for channel in ("market_trades", "ticker", "candles", "heartbeats"):
        texts += session.receive(subscribe(channel, *SYMBOLS), NOW)
    texts += session.receive("nonsense", NOW)
    texts += session.advance(NOW + MINUTE)
    kinds = set()
    for text in texts:
        frame = Codec().decode(text)
        kinds |= {type(event) for event in frame.events}
    assert kinds == {Trades, Tickers, Subscribed, Refused}
