"""Tests of Coinbase's codec on what Coinbase really sent."""

import json
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise

import pytest

from livermore.exchanges.coinbase import CHANNELS, Codec
from livermore.exchanges.frame import Frame, Subscribed, Tickers, Trades
from livermore.exchanges.trade_assembly import TradeAssembly
from livermore.market.amount import canonical
from livermore.market.candle import Candle, Series, fault
from livermore.market.product import choose
from livermore.market.timeframe import Timeframe
from tests.exchanges.recording import candles_page, lines, products, renumbered

CODEC = Codec()
SYMBOLS = ("BTC-USD", "ETH-USD")


def frames() -> list[Frame]:
    """All recorded frames, renumbered."""
    return [CODEC.decode(json.dumps(data)) for data in renumbered()]


def test_every_frame_is_read_and_nothing_in_it_is_unknown() -> None:
    kinds = Counter(type(event) for data in lines("recv") for event in CODEC.decode(data).events)
    silent = sum(not CODEC.decode(data).events for data in lines("recv"))
    assert kinds == {Trades: 59, Tickers: 160, Subscribed: 5}
    assert silent == 25 + 6  # heartbeats, and candles, which are no source of truth


def test_every_trade_says_what_its_frame_says() -> None:
    for data, frame in zip(renumbered(), frames(), strict=True):
        told = [t for event in data["events"] for t in event.get("trades", ())]
        read = [t for event in frame.events if isinstance(event, Trades) for t in event.trades]
        assert [(t["product_id"], int(t["trade_id"]), canonical(t["price"]), canonical(t["size"])) for t in told] == [
            (t.symbol, t.number, t.price, t.size) for t in read
        ]


def test_trade_numbers_go_on_without_a_hole_over_snapshot_and_updates() -> None:
    numbers = defaultdict(list)
    for frame in frames():
        for event in frame.events:
            for trade in event.trades if isinstance(event, Trades) else ():
                numbers[trade.symbol].append(trade.number)
    assert {symbol: len(found) for symbol, found in numbers.items()} == {"BTC-USD": 147, "ETH-USD": 132}
    for found in numbers.values():
        assert sorted(found) == list(range(min(found), max(found) + 1))


def test_the_sequence_has_no_gap_once_the_missing_frames_are_made_up_for() -> None:
    assembly = TradeAssembly("coinbase", SYMBOLS, 2_000)
    assert not any(assembly.take(frame).gap for frame in frames())


def test_the_gaps_that_missing_frames_have_left_are_all_seen() -> None:
    assembly = TradeAssembly("coinbase", SYMBOLS, 2_000)
    found = [CODEC.decode(data) for data in lines("recv")]
    numbers = [frame.sequence for frame in found]
    expected = [a is not None and b is not None and b - a > 1 for a, b in pairwise(numbers)]
    assert [assembly.take(frame).gap for frame in found] == [False, *expected]
    assert sum(expected) > 100


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_minute_that_ended_while_recording_is_closed_exactly(symbol: str) -> None:
    """It was joined in its middle; the snapshot of trades reaches back to before it."""
    assembly, minute = TradeAssembly("coinbase", SYMBOLS, 2_000), 1_786_309_500_000
    (closed,) = [c for frame in frames() for c in assembly.take(frame).closed if c.symbol == symbol]
    trades = [t for f in frames() for e in f.events if isinstance(e, Trades) for t in e.trades if t.symbol == symbol]
    within = sorted((t for t in trades if minute <= t.time < minute + 60_000), key=lambda t: t.number)
    prices, sizes = [Fraction(t.price) for t in within], [Fraction(t.size) for t in within]
    assert closed == Candle("coinbase", symbol, Timeframe.M1, minute, *_texts(closed))
    assert [*map(Fraction, _texts(closed))] == [prices[0], max(prices), min(prices), prices[-1], sum(sizes)]


def _texts(candle: Candle) -> list[str]:
    return [candle.open, candle.high, candle.low, candle.close, candle.volume]


def test_what_is_sent_has_the_form_of_what_was_sent_then() -> None:
    sent = {message["channel"]: message for message in map(json.loads, lines("send"))}
    for message in map(json.loads, CODEC.subscriptions(SYMBOLS, lambda: None)):
        recorded = {key: value for key, value in sent[message["channel"]].items() if message["channel"] != "heartbeats"}
        assert message == (recorded or {"type": "subscribe", "channel": "heartbeats"})
    assert set(CHANNELS) <= sent.keys()


def test_a_page_of_candles_is_turned_round_and_read_exactly() -> None:
    told = json.loads(candles_page())["candles"][::-1]
    found = CODEC.decode_candles(Series("coinbase", "ETH-USD", Timeframe.D1), candles_page())
    assert len(found) == 350
    assert [(c.open_time, *_texts(c)) for c in found] == [
        (int(t["start"]) * 1000, *(canonical(t[key]) for key in ("open", "high", "low", "close", "volume")))
        for t in told
    ]
    assert all(fault(c) is None for c in found)


def test_of_all_products_the_delisted_the_aliases_and_the_view_only_are_not_chosen() -> None:
    found = CODEC.decode_products([products()])
    told = {p["product_id"]: p for p in json.loads(products())["products"]}
    chosen = choose(found, (), 1000, {p.symbol: 1.0 for p in found})
    assert len(found) == 920
    assert chosen[:2] == ["BTC-USD", "ETH-USD"]
    for symbol, product in told.items():
        out = product["alias"] or product["view_only"] or product["trading_disabled"] or product["status"] != "online"
        assert (symbol in chosen) == (not out)
    assert sum(p["status"] == "delisted" for p in told.values()) == 8


def test_the_most_traded_come_first() -> None:
    found = {p.symbol: Fraction(p.quote_volume24h) for p in CODEC.decode_products([products()])}
    scores = dict.fromkeys(found, 1.0)
    volumes = [found[symbol] for symbol in choose(CODEC.decode_products([products()]), (), 50, scores)]
    assert volumes == sorted(volumes, reverse=True)
