"""The public stream: what is told to whom, in which order, and once."""

import json
from typing import Any

import pytest

from livermore.errors import Transient
from livermore.http import hub
from livermore.http.bounds import Bounds
from livermore.market.candle import Series, to_json
from livermore.market.timeframe import Timeframe
from livermore.store import events
from livermore.store.keys import Keys
from livermore.store.query import command, nothing
from livermore.store.sql import Database
from tests.http.conftest import MakeWorld
from tests.http.test_keys import change
from tests.http.test_lists import alert, ticker
from tests.http.world import World, wait_until
from tests.support.candles import T0, candle

ETH5 = Series("coinbase", "ETH-USD", Timeframe.M5)


def newest(world: World) -> str:
    return "coinbase:" + world.redis.run(events.newest_id(world.keys))


def public(one: Any) -> Any:
    return json.loads(to_json(one))


def test_a_stream_begins_with_a_welcome_that_tells_its_limits(world: World) -> None:
    world.followed()
    assert world.connect().expect("welcome") == {
        "type": "welcome",
        "heartbeat_seconds": 15.0,
        "exchanges": ["coinbase"],
        "ids": {"coinbase": newest(world)},
        "limits": {
            "channels_per_message": 20, "subscriptions": 500, "messages_per_second": 10, "message_bytes": 16384,
            "resume_window_seconds": 86_400, "connections": 5,
        },
    }  # fmt: skip


def test_a_closed_candle_is_told_with_its_place_and_all_fields(world: World) -> None:
    stream = world.stream()
    stream.subscribe("candles:BTC-USD:1m")
    world.store(candle(0, "10.5"))
    told = stream.next()
    assert told == {
        "type": "candle_close", "id": newest(world), "channel": "candles:BTC-USD:1m", "data": public(candle(0, "10.5")),
    }  # fmt: skip
    world.store(candle(0, "11"))
    corrected = stream.next()
    assert (corrected["type"], corrected["data"]["close"], corrected["data"]["revision"]) == (
        "candle_corrected",
        "11",
        1,
    )


def test_a_signal_is_told_at_every_candle_without_its_record(world: World) -> None:
    stream = world.stream()
    stream.subscribe("signals:*:1h")
    world.signal(Series("coinbase", "BTC-USD", Timeframe.H1), T0)
    assert stream.next() == {
        "type": "trade_signal", "id": newest(world), "channel": "signals:BTC-USD:1h",
        "data": {
            "symbol": "BTC-USD", "exchange": "coinbase", "timeframe": "1h", "signal_type": "momentum_signal",
            "direction": "bullish", "strength": "strong", "price": "101.5", "timestamp": "2023-11-14T00:00:00.000Z",
            "ready": True, "bars_used": 300,
        },
    }  # fmt: skip


def test_an_alert_is_told_without_its_trigger(world: World) -> None:
    stream = world.stream()
    stream.subscribe("alerts:*")
    world.alert(alert(0))
    told = stream.next()
    assert (told["type"], told["channel"], told["id"]) == ("alert", "alerts:BTC-USD", newest(world))
    assert told["data"]["id"] == alert(0).id
    assert set(told) == {"type", "id", "channel", "data"}
    assert "label" not in told["data"]


def test_a_ticker_is_told_in_its_public_form(world: World) -> None:
    stream = world.stream()
    stream.subscribe("tickers:BTC-USD")
    world.heard()
    world.tick(ticker("ETH-USD", "1"), ticker("BTC-USD", "64000.5"))
    assert stream.next() == {
        "type": "ticker", "channel": "tickers:BTC-USD",
        "data": {
            "symbol": "BTC-USD", "exchange": "coinbase", "price": "64000.5", "bid": None, "ask": None,
            "change_24h": "-1.5", "change_percent_24h": "-0.5", "high_24h": "110", "low_24h": "90",
            "volume_24h": "1234.5", "timestamp": "2023-11-14T00:00:00.000Z",
        },
    }  # fmt: skip


@pytest.mark.parametrize("channel", ["candles:BTC-USD:5m", "candles:*:5m", "candles:BTC-USD:*", "candles:*:*"])
def test_wildcards_take_in_what_they_should_and_nothing_else(world: World, channel: str) -> None:
    stream = world.stream()
    stream.subscribe(channel)
    five = Series("coinbase", "BTC-USD", Timeframe.M5)
    world.store(candle(0), candle(0, series=five), candle(0, series=ETH5))
    heard = {"candles:BTC-USD:1m", "candles:BTC-USD:5m", "candles:ETH-USD:5m"}
    _, symbol, timeframe = channel.split(":")
    expected = {one for one in heard if symbol in ("*", one.split(":")[1]) and timeframe in ("*", one.split(":")[2])}
    assert {stream.next()["channel"] for _ in expected} == expected
    world.store(candle(1))
    world.store(candle(1, series=five))
    assert stream.until("candle_close")["data"]["timestamp"] > "2023-11-14T00:00"


def test_all_six_timeframes_are_told(world: World) -> None:
    stream = world.stream()
    stream.subscribe("candles:BTC-USD:*")
    world.store(*(candle(0, series=Series("coinbase", "BTC-USD", timeframe)) for timeframe in Timeframe))
    assert [stream.next()["data"]["timeframe"] for _ in Timeframe] == list(Timeframe)


def test_an_event_comes_once_however_many_wildcards_take_it_in(world: World) -> None:
    stream = world.stream()
    stream.subscribe("candles:*:*", "candles:BTC-USD:*", "candles:*:1m", "candles:BTC-USD:1m", "signals:*:*")
    world.store(candle(0), candle(1))
    assert [stream.next()["data"]["timestamp"] for _ in range(2)] == [
        "2023-11-14T00:00:00.000Z",
        "2023-11-14T00:01:00.000Z",
    ]


def test_events_come_in_order_and_none_is_lost(world: World) -> None:
    stream = world.stream()
    stream.subscribe("candles:*:*")
    for first in range(0, 1000, 100):
        world.store(*(candle(n, str(n + 1)) for n in range(first, first + 100)))
    told = [stream.next() for _ in range(1000)]
    assert [int(one["data"]["close"]) for one in told] == list(range(1, 1001))
    places = [tuple(map(int, one["id"].partition(":")[2].split("-"))) for one in told]
    assert places == sorted(set(places))


def test_a_client_hears_nothing_that_it_has_not_asked_for_or_asks_for_no_longer(world: World) -> None:
    stream = world.stream()
    stream.subscribe("candles:BTC-USD:1m", "candles:ETH-USD:5m")
    stream.send(action="unsubscribe", channels=["candles:btcusd:1m"], id="9")
    assert stream.next() == {
        "type": "unsubscribed", "exchange": "coinbase", "channels": ["candles:ETH-USD:5m"], "rejected": [], "id": "9",
    }  # fmt: skip
    world.store(candle(0), candle(0, series=ETH5))
    assert stream.next()["channel"] == "candles:ETH-USD:5m"


def test_the_confirmation_has_the_whole_list_and_what_was_rejected(world: World) -> None:
    stream = world.stream()
    stream.subscribe("candles:BTC-USD:1m")
    channels = ["alerts:eth/usd", "bad", "candles:BTC-USD:2h", "candles:DOGE-USD:1m", "signals:*", "tree", "a:b:c:d"]
    stream.send(action="subscribe", channels=channels, id="7")
    errors = [stream.expect("error") for _ in range(6)]
    assert [error["channel"] for error in errors] == channels[1:]
    assert {error["code"] for error in errors} == {"INVALID_CHANNEL"}
    confirmed = stream.expect("subscribed")
    assert confirmed["channels"] == ["candles:BTC-USD:1m", "alerts:ETH-USD"]
    assert confirmed["rejected"] == [{"channel": one, "code": "INVALID_CHANNEL"} for one in channels[1:]]
    assert (confirmed["id"], confirmed["exchange"]) == ("7", "coinbase")


def test_a_symbol_that_is_no_longer_watched_can_still_be_unsubscribed_from(world: World) -> None:
    stream = world.stream()
    stream.subscribe("candles:ETH-USD:5m")
    world.watch("BTC-USD")
    world.clock.advance(2)
    stream.send(action="unsubscribe", channels=["candles:ETH-USD:5m"])
    assert stream.next()["channels"] == []


def test_subscriptions_are_bounded(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(subscriptions=2))
    world.watch()
    stream = world.stream()
    confirmed = stream.subscribe("candles:*:1m", "candles:*:5m", "candles:*:1h", "candles:*:1m")
    assert confirmed["channels"] == ["candles:*:1m", "candles:*:5m"]
    assert confirmed["rejected"] == [{"channel": "candles:*:1h", "code": "TOO_MANY_SUBSCRIPTIONS"}]


def test_an_exchange_has_to_be_one_that_can_be_seen(world: World) -> None:
    stream = world.stream()
    stream.send(action="subscribe", channels=["alerts:*"], exchange="nowhere")
    assert stream.expect("error")["code"] == "INVALID_MESSAGE"
    assert stream.subscribe("alerts:*", exchange="coinbase")["channels"] == ["alerts:*"]
    assert stream.subscribe("alerts:*", exchange="kraken")["channels"] == ["alerts:*"]


def test_without_a_name_there_has_to_be_one_exchange_only(world: World) -> None:
    world.redis.run(command("SET", Keys(4).schema, '{"version":1,"simulated":false}', read=nothing))
    world.clock.advance(2)  # what the front remembers of it is old
    stream = world.connect()
    stream.expect("welcome")
    stream.send(action="subscribe", channels=["alerts:*"])
    error = stream.expect("error")
    assert (error["code"], "coinbase, kraken" in error["message"]) == ("INVALID_MESSAGE", True)
    assert stream.subscribe("alerts:*", exchange="kraken")["exchange"] == "kraken"


# snapshots


def test_a_snapshot_says_what_stands_now(world: World) -> None:
    world.store(candle(0), candle(1, "12"))
    world.signal(Series("coinbase", "ETH-USD", Timeframe.H1), T0)
    world.alert(alert(0))
    world.tick(ticker("ETH-USD", "1.5"))
    stream = world.stream()
    place = newest(world)
    channels = ("candles:BTC-USD:1m", "signals:*:*", "alerts:*", "tickers:*")
    stream.subscribe(*channels, snapshot=True)
    told = [stream.expect("snapshot") for _ in channels]
    assert [one["channel"] for one in told] == list(channels)
    assert {one["id"] for one in told} == {place}
    rows = [one["data"] for one in told]
    assert rows[0] == [public(candle(1, "12"))]
    assert [row["symbol"] for row in rows[1]] == ["ETH-USD"]
    assert [row["id"] for row in rows[2]] == [alert(0).id]
    assert [row["price"] for row in rows[3]] == ["1.5"]


def test_a_large_snapshot_comes_in_portions_with_events_between_them(world: World) -> None:
    names = [f"C{n:03d}-USD" for n in range(120)]
    world.watch(*names)
    written = [candle(0, series=Series("coinbase", name, timeframe)) for name in names for timeframe in Timeframe]
    for first in range(0, len(written), 200):
        world.store(*written[first : first + 200], news=False)
    world.clock.advance(2)
    stream = world.stream()
    stream.subscribe("candles:*:*", snapshot=True)
    world.store(candle(1, series=Series("coinbase", names[0], Timeframe.M1)))
    told = [stream.next() for _ in range(5)]
    portions = [one["data"] for one in told if one["type"] == "snapshot"]
    assert [len(portion) for portion in portions] == [200, 200, 200, 120]
    assert len({(row["symbol"], row["timeframe"]) for portion in portions for row in portion}) == 720
    assert [one["type"] for one in told].count("candle_close") == 1


def test_to_resume_is_answered_with_a_snapshot(world: World) -> None:
    world.store(candle(0))
    stream = world.stream()
    confirmed = stream.subscribe("candles:BTC-USD:1m", resume_from=["coinbase:1-0"])
    assert confirmed["resumed"] is False
    assert stream.expect("snapshot")["data"] == [public(candle(0))]
    assert "resumed" not in stream.subscribe("candles:BTC-USD:1m")


# the way in


def test_a_key_may_come_in_the_query_of_the_stream_or_in_the_first_message(world: World) -> None:
    assert world.connect(path=f"/public/v1/stream?apiKey={world.key}", key=None).expect("welcome")
    stream = world.connect(key=None)
    stream.send(action="auth", key=world.key)
    assert stream.expect("welcome")
    stream.send(action="auth", key=world.key)
    assert stream.expect("error")["code"] == "INVALID_MESSAGE"


def test_the_first_messages_are_not_lost_while_the_key_is_being_checked(world: World) -> None:
    stream = world.connect()
    stream.send(action="ping", id="1")
    stream.send(action="subscribe", channels=["alerts:*"], id="2")
    assert [stream.next()["type"] for _ in range(3)] == ["welcome", "pong", "subscribed"]


@pytest.mark.parametrize("key", ["bad", "lvm_000000000000_" + "A" * 43])
def test_a_bad_key_closes_with_4001(world: World, key: str) -> None:
    assert world.connect(key=key).closed()[0] == 4001
    stream = world.connect(key=None)
    stream.send(action="auth", key=key)
    assert stream.closed()[0] == 4001


def test_whoever_says_something_else_first_is_out(world: World) -> None:
    stream = world.connect(key=None)
    stream.send(action="subscribe", channels=["alerts:*"])
    assert stream.closed()[0] == 4001


def test_whoever_brings_no_key_in_time_is_out(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(authentication=0.05))
    assert world.connect(key=None).closed() == (4001, "no key in time")


def test_a_key_needs_the_scope_of_the_stream(world: World) -> None:
    change(world, world.key, scopes="read")
    assert world.connect().closed()[0] == 4003


def test_a_key_has_so_many_connections(world: World) -> None:
    held = [world.connect() for _ in range(5)]
    assert all(stream.expect("welcome") for stream in held)
    assert world.connect().closed()[0] == 4008
    held[0].close()
    wait_until(lambda: len(world.front.guests.streams) == 4, "the place to be given back")
    assert world.connect().expect("welcome")


def test_a_revoked_key_is_out_at_the_next_heartbeat(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.05))
    stream = world.stream()
    stream.expect("heartbeat")
    change(world, world.key, is_active=False)
    world.clock.advance(31)
    assert stream.closed() == (4001, "this key is no longer valid")


def test_without_sql_a_new_client_is_told_to_try_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise Transient("down")

    monkeypatch.setattr(Database, "run", down)
    assert world.connect().closed()[0] == 1013


# what is said wrongly


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "PARSE_ERROR"),
        ("", "PARSE_ERROR"),
        ("[" * 10_000, "INVALID_MESSAGE"),
        (b'{"action":"ping"}', "PARSE_ERROR"),
        ("[]", "INVALID_MESSAGE"),
        ("null", "INVALID_MESSAGE"),
        ("{}", "INVALID_MESSAGE"),
        ('{"action":"jump"}', "INVALID_MESSAGE"),
        ('{"action":"subscribe"}', "INVALID_MESSAGE"),
        ('{"action":"subscribe","channels":[]}', "INVALID_MESSAGE"),
        ('{"action":"subscribe","channels":"alerts:*"}', "INVALID_MESSAGE"),
        ('{"action":"subscribe","channels":["alerts:*"],"more":1}', "INVALID_MESSAGE"),
        ('{"action":"subscribe","channels":[' + ",".join(['"alerts:*"'] * 21) + "]}", "INVALID_MESSAGE"),
        ('{"action":"ping","id":' + "[" * 5000 + "]" * 5000 + "}", "INVALID_MESSAGE"),
    ],
)
def test_a_wrong_message_is_answered_and_the_session_goes_on(world: World, text: str | bytes, code: str) -> None:
    stream = world.stream()
    stream.send_text(text)
    assert stream.expect("error")["code"] == code
    stream.send(action="ping", id="still here")
    assert stream.next() == {"type": "pong", "id": "still here"}


def test_too_many_messages_close_with_4029(world: World) -> None:
    stream = world.stream()
    for _ in range(10):
        stream.send(action="ping")
        stream.expect("pong")
    world.clock.advance(0.1)
    stream.send(action="ping")
    stream.expect("pong")
    stream.send(action="ping")
    assert stream.expect("error")["code"] == "RATE_LIMITED"
    assert stream.closed()[0] == 4029


def test_a_message_that_is_too_long_closes_with_1009(world: World) -> None:
    stream = world.stream()
    stream.send_text('"' + "a" * 16_383 + '"')
    assert stream.closed()[0] == 1009


# pulse and end


def test_a_heartbeat_tells_how_far_the_events_are(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.02))
    world.watch()
    stream = world.stream()
    world.store(candle(0))
    wait_until(lambda: world.front.hub.place("coinbase") == newest(world), "the event to be read")
    stream.expect("heartbeat")
    stream.expect("heartbeat")
    assert stream.expect("heartbeat")["ids"] == {"coinbase": newest(world)}


def test_a_planned_stop_asks_to_come_back_and_closes_with_1012(world: World) -> None:
    stream = world.stream()
    stream.subscribe("alerts:*")
    world.stop()
    assert stream.next() == {"type": "reconnect", "within_seconds": 5}
    assert stream.closed()[0] == 1012


def test_the_front_goes_on_where_it_was_when_redis_comes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = world.stream()
    stream.subscribe("candles:*:*")
    follower, run = world.front.follower, world.front.follower.run
    failing = [True] * 3

    async def flaky(query: Any) -> Any:
        if failing and failing.pop():
            raise Transient("Redis is away", retry_after=0.01)
        return await run(query)

    monkeypatch.setattr(follower, "run", flaky)
    world.store(candle(0))
    assert stream.next()["data"]["timestamp"] == "2023-11-14T00:00:00.000Z"
    wait_until(lambda: not failing, "the failures")
    world.store(candle(1))
    assert stream.next()["data"]["timestamp"] == "2023-11-14T00:01:00.000Z"


def test_an_event_is_encoded_once_for_all_clients(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []
    encode = hub.event_frame
    monkeypatch.setattr(hub, "event_frame", lambda *a: made.append(encode(*a)) or made[-1])
    streams = [world.stream() for _ in range(4)]
    for stream in streams:
        stream.subscribe("candles:*:*")
    world.store(candle(0))
    world.store(candle(0, series=ETH5))
    for stream in streams:
        stream.until("candle_close")
        stream.until("candle_close")
    assert len(made) == 2
