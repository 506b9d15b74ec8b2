"""One connection to the simulated Binance: every rule of the wire (`exchanges.md` 3)."""

import pytest

from livermore.exchanges.binance import Codec
from livermore.exchanges.frame import Klines, Leaving, Refused, Tickers
from livermore.simulator.binance_session import BinanceSession, Limits
from tests.simulator.binance_support import INSTRUMENTS, MARKET, ask, data, read, run
from tests.simulator.support import MINUTE, NOW


@pytest.fixture
def session() -> BinanceSession:
    return BinanceSession(MARKET, NOW)


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
