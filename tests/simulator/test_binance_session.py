"""One connection to the simulated Binance: every rule of the wire (`exchanges.md` 3)."""

import json
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.exchanges.binance import Codec
from livermore.exchanges.frame import Klines, Leaving, Refused, Tickers
from livermore.market.timeframe import Timeframe
from livermore.simulator.binance_session import BinanceSession, Limits
from livermore.simulator.closings import LATEST, SOONEST
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from tests.simulator.support import MINUTE, NOW, shared

INSTRUMENTS = made(12, "USDT")
MARKET = Market(7, INSTRUMENTS, "binance")
NATIVE = [instrument.symbol.replace("-", "").lower() for instrument in INSTRUMENTS]
KINDS = ["kline_1m", "kline_5m", "kline_1d", "miniTicker", "ticker", "trade"]


@pytest.fixture
def session() -> BinanceSession:
    return BinanceSession(MARKET, NOW)


def ask(method: str, *params: Any, id_: Any = 1) -> str:
    return json.dumps({"method": method, "params": list(params), "id": id_})


def read(texts: Iterable[str]) -> list[Any]:
    return [json.loads(text) for text in texts]


def run(session: BinanceSession, until: int) -> list[Any]:
    """Everything that falls due, each frame at its own moment."""
    texts: list[str] = []
    while (due := session.next_due()) is not None and due <= until:
        texts += session.advance(due)
    return read(texts)


def data(frames: Iterable[Any], stream: str) -> list[Any]:
    return [frame["data"] for frame in frames if frame["stream"] == stream]


def klines(stream: str, since: int, until: int, market: Market = MARKET) -> list[Any]:
    """What one kline stream says."""
    return data(run(BinanceSession(market, since, [stream]), until), stream)


def amounts(inner: dict[str, Any]) -> tuple[Decimal, ...]:
    return tuple(Decimal(inner[name]) for name in "ohlcv")


def test_a_subscription_is_acknowledged_and_then_told(session):
    assert read(session.receive(ask("SUBSCRIBE", "btcusdt@kline_1m", "ethusdt@kline_5m", id_=9), NOW)) == [
        {"result": None, "id": 9}
    ]
    frames = run(session, NOW + 10_000)
    assert {frame["stream"] for frame in frames} == {"btcusdt@kline_1m", "ethusdt@kline_5m"}
    assert all(list(frame) == ["stream", "data"] for frame in frames)


def test_a_client_that_is_silent_may_stay(session):
    assert session.advance(NOW + 3_600_000) == []
    assert session.closed is None


def test_streams_of_the_address_are_told_at_once_and_can_be_left(session):
    session = BinanceSession(MARKET, NOW, ["btcusdt@trade", "ethusdt@trade"])
    assert {frame["stream"] for frame in run(session, NOW + 5_000)} == {"btcusdt@trade", "ethusdt@trade"}
    session.receive(ask("UNSUBSCRIBE", "ethusdt@trade", "solusdt@trade"), NOW + 5_000)
    assert {frame["stream"] for frame in run(session, NOW + 20_000)} == {"btcusdt@trade"}


def test_subscriptions_are_listed(session):
    session.receive(ask("SUBSCRIBE", "btcusdt@trade", "nosuch@kline_1m"), NOW)
    session.receive(ask("UNSUBSCRIBE", "btcusdt@trade"), NOW)
    assert read(session.receive(ask("LIST_SUBSCRIPTIONS", id_="a-b"), NOW)) == [
        {"result": ["nosuch@kline_1m"], "id": "a-b"}
    ]


def test_raw_frames_do_not_name_their_stream_until_told_to():
    session = BinanceSession(MARKET, NOW, ["btcusdt@kline_1m"], combined=False)
    assert run(session, NOW + 5_000)[0]["e"] == "kline"
    assert read(session.receive(ask("GET_PROPERTY", "combined"), NOW + 5_000))[-1] == {"result": False, "id": 1}
    session.receive(ask("SET_PROPERTY", "combined", True), NOW + 5_000)
    assert run(session, NOW + 10_000)[0]["stream"] == "btcusdt@kline_1m"


@pytest.mark.parametrize(
    "stream", ["nosuch@kline_1m", "BTCUSDT@kline_1m", "btcusdt@kline_7m", "btcusdt@depth", "!x@arr"]
)
def test_a_stream_that_does_not_exist_is_acknowledged_and_silent(session, stream):
    assert read(session.receive(ask("SUBSCRIBE", stream), NOW)) == [{"result": None, "id": 1}]
    assert run(session, NOW + 5 * MINUTE) == []


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        ("nonsense", 3, "Invalid JSON: "),
        (b"\xff\xfe", 3, "Invalid JSON: "),
        ("[]", 2, "Invalid request: "),
        ("{}", 2, "Invalid request: "),
        ('{"method":"SHOUT"}', 2, "Invalid request: "),
        ('{"method":"SUBSCRIBE"}', 2, "Invalid request: missing field `params`"),
        ('{"method":"SUBSCRIBE","params":[],"id":null}', 2, "Invalid request: missing field `params`"),
        (ask("SUBSCRIBE", "btcusdt@trade", id_=2**63), 2, "Invalid request: "),
        (ask("SUBSCRIBE", "btcusdt@trade", id_="x" * 37), 2, "Invalid request: "),
        (ask("SUBSCRIBE", "btcusdt@trade", id_=[]), 2, "Invalid request: "),
    ],
)
def test_what_cannot_be_understood_is_refused_and_nothing_else_happens(session, message, code, said):
    [error] = read(session.receive(message, NOW))
    assert list(error) == ["code", "msg"]
    assert error["code"] == code
    assert error["msg"].startswith(said)
    assert session.closed is None
    assert run(session, NOW + MINUTE) == []


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        (ask("SHOUT", id_=4), 2, "Invalid request: "),
        (ask("SUBSCRIBE", "", id_=4), 2, "Invalid request: invalid stream"),
        (ask("SUBSCRIBE", 5, id_=4), 2, "Invalid request: invalid stream"),
        (ask("SET_PROPERTY", "combined", 1, id_=4), 1, "Invalid value type: expected Boolean"),
        (ask("SET_PROPERTY", "colour", True, id_=4), 0, "Unknown property"),
        (ask("GET_PROPERTY", id_=4), 0, "Unknown property"),
    ],
)
def test_a_refusal_names_the_message_as_on_the_real_wire(session, message, code, said):
    [refused] = read(session.receive(message, NOW))
    assert (refused["id"], refused["error"]["code"]) == (4, code)
    assert refused["error"]["msg"].startswith(said)
    assert read(session.receive(ask("LIST_SUBSCRIPTIONS"), NOW)) == [{"result": [], "id": 1}]


def test_1024_streams_fit_on_a_connection_and_no_more(session):
    many = [f"s{n}@trade" for n in range(1_024)]
    for number in range(8):
        session.receive(ask("SUBSCRIBE", *many[128 * number :][:128]), NOW + 1_000 * number)
    assert read(session.receive(ask("SUBSCRIBE", many[5]), NOW + 9_000)) == [{"result": None, "id": 1}]
    refused = {"error": {"code": 4, "msg": "Too many subscriptions"}, "id": 1}
    assert read(session.receive(ask("SUBSCRIBE", "btcusdt@trade"), NOW + 9_000)) == [refused]
    assert read(session.receive(ask("LIST_SUBSCRIPTIONS"), NOW + 9_000))[0]["result"] == many
    assert BinanceSession(MARKET, NOW, many).closed is None
    assert BinanceSession(MARKET, NOW, [*many, "btcusdt@trade"]).closed == (1008, "Too many subscriptions")


@pytest.mark.parametrize(("longest", "answers"), [(4_096, 1), (4_097, 0)])
def test_a_message_that_is_too_long_is_never_answered(session, longest, answers):
    message = ask("SUBSCRIBE", "btcusdt@trade").ljust(longest)
    assert len(session.receive(message, NOW)) == len(session.receive(message.encode(), NOW)) == answers
    assert bool(run(session, NOW + MINUTE)) == bool(answers)
    assert session.closed is None


def test_the_sixth_message_within_a_second_ends_the_connection_pings_and_pongs_included(session):
    session.receive(ask("SUBSCRIBE", "btcusdt@trade"), NOW)
    session.receive("nonsense", NOW + 10)
    for at in (20, 30, 999):
        session.control(NOW + at)
    assert session.closed is None
    session.control(NOW + 1_000)
    assert session.closed is None
    session.control(NOW + 1_009)
    assert session.closed == (1008, "Too many requests")
    assert session.receive(ask("LIST_SUBSCRIPTIONS"), NOW + 9_000) == []
    assert session.next_due() is None


def test_a_fast_clock_leaves_clients_their_five_messages_in_a_wall_second():
    session = BinanceSession(MARKET, NOW, limits=Limits(second=10_000))
    for at in range(6):
        session.control(NOW + 1_900 * at)
    assert session.closed is not None


def test_a_connection_is_warned_and_cut_at_its_age():
    session = BinanceSession(MARKET, NOW, ["ethusdt@trade"], limits=Limits(life=60_000, notice=20_000))
    frames = run(session, NOW + 70_000)
    assert data(frames, "!serverShutdown") == [{"e": "serverShutdown", "E": NOW + 40_000}]
    assert session.closed == (1001, "going away")
    assert NOW + 50_000 < frames[-1]["data"]["E"] <= NOW + 60_000


def test_an_old_connection_ends_without_a_word_where_that_is_the_custom():
    session = BinanceSession(MARKET, NOW, limits=Limits(life=60_000, notice=None))
    assert run(session, NOW + 70_000) == []
    assert session.closed is not None


def test_a_day_is_the_usual_age():
    session = BinanceSession(MARKET, NOW)
    assert session.next_due() == NOW + 86_400_000 - 600_000
    session.advance(NOW + 86_399_999)
    assert session.closed is None
    session.advance(NOW + 86_400_000)
    assert session.closed is not None


def test_a_shutdown_can_be_ordered_at_any_time():
    session = BinanceSession(MARKET, NOW, combined=False)
    session.shut_down(NOW + 5_000, within=2_000)
    assert run(session, NOW + 10_000) == [{"e": "serverShutdown", "E": NOW + 5_000}]
    assert session.closed == (1001, "going away")


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


def test_the_codec_of_the_program_understands_every_frame_and_reads_the_true_candles():
    symbols = [instrument.symbol for instrument in INSTRUMENTS]
    codec, session = Codec(symbols), BinanceSession(MARKET, NOW, limits=Limits(life=4 * MINUTE))
    texts = [text for demand in codec.subscriptions(symbols, lambda: None) for text in session.receive(demand, NOW)]
    texts += session.receive("nonsense", NOW + 1_000)
    texts += session.receive(ask("SHOUT"), NOW + 1_000)
    session.shut_down(NOW + 2_000, 3 * MINUTE)
    texts += session.advance(NOW + 3 * MINUTE)
    events = [event for text in texts for event in codec.decode(text).events]
    assert {type(event) for event in events} == {Klines, Tickers, Refused, Leaving}
    klines = [kline for event in events if isinstance(event, Klines) for kline in event.klines]
    closed = [kline for kline in klines if kline.closed and kline.candle is not None]
    assert {kline.series.symbol for kline in closed} >= set(symbols[:9])
    for kline in closed:
        symbol, timeframe = kline.series.symbol, kline.series.timeframe
        assert [kline.candle] == MARKET.candles(symbol, timeframe, kline.open_time, kline.open_time, NOW + 4 * MINUTE)
