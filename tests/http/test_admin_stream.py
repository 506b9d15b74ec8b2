"""The admin stream speaks the protocol of the public one, and shows the full record beside what everybody may see."""

import json
from typing import Any

import pytest

from livermore.http.bounds import Bounds
from livermore.http.replay import FULL_AT_ONCE
from livermore.http.requests import MOST_CHANNELS
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from tests.http.conftest import MakeWorld
from tests.http.test_lists import alert
from tests.http.world import EXCHANGE, TOKEN, World, wait_until
from tests.support.candles import BTC, T0, candle

PATH = "/admin/v1/stream"
HOUR = Series("coinbase", "BTC-USD", Timeframe.H1)


def admitted(world: World) -> Any:
    """A stream that is welcome."""
    world.followed()
    stream = world.connect(path=PATH, key=TOKEN)
    stream.welcome = stream.expect("welcome")
    return stream


def newest(world: World) -> str:
    return world.front.hub.place("coinbase")


def test_the_welcome_tells_exchanges_and_limits(admin_world: World) -> None:
    welcome = admitted(admin_world).welcome
    assert welcome["exchanges"] == ["coinbase"]
    assert welcome["limits"]["channels_per_message"] == MOST_CHANNELS
    assert "connections" not in welcome["limits"]  # these are of keys


def test_every_kind_of_event_comes_with_what_the_public_sees_and_more(admin_world: World) -> None:
    stream, public = admitted(admin_world), admin_world.stream()
    for one in (stream, public):
        one.subscribe("candles:*:*", "signals:*:*", "alerts:*")
    admin_world.store(candle(0))
    admin_world.signal(HOUR, T0)
    admin_world.alert(alert(0))
    for kind, full in (("candle_close", False), ("trade_signal", True), ("alert", True)):
        told, shown = stream.expect(kind), public.expect(kind)
        assert {name: told[name] for name in shown} == shown
        assert ("full" in told) is full
    assert "full" not in json.dumps(shown)


def test_it_resumes_with_the_full_records_of_what_was_missed_once_each(admin_world: World) -> None:
    admin_world.followed()
    admin_world.signal(HOUR, T0)
    wait_until(lambda: newest(admin_world) != "coinbase:0-0", "the first event")
    place = newest(admin_world)
    for n in (1, 2):
        admin_world.signal(HOUR, T0 + n * HOUR.timeframe.ms)
    stream = admitted(admin_world)
    assert stream.subscribe("signals:*:1h", resume_from=[place])["resumed"] is True
    told = [stream.expect("trade_signal") for _ in range(2)]
    assert [one["full"]["timestamp"] for one in told] == [T0 + n * HOUR.timeframe.ms for n in (1, 2)]
    stream.expect("heartbeat")
    admin_world.signal(HOUR, T0 + 3 * HOUR.timeframe.ms)
    assert stream.expect("trade_signal")["full"]["timestamp"] == T0 + 3 * HOUR.timeframe.ms


def test_a_place_that_is_none_of_ours_is_answered_with_snapshots(admin_world: World) -> None:
    admin_world.signal(HOUR, T0)
    stream = admitted(admin_world)
    assert stream.subscribe("signals:*:1h", resume_from=["coinbase:99999999999999-0"])["resumed"] is False
    assert stream.until("snapshot")["full"][0]["value"]["macdV"] == 92.5


def test_a_snapshot_of_signals_has_the_full_record_beside_each(admin_world: World) -> None:
    admin_world.signal(HOUR, T0)
    admin_world.signal(Series("coinbase", "ETH-USD", Timeframe.M5), T0)
    stream, public = admitted(admin_world), admin_world.stream()
    for one in (stream, public):
        one.subscribe("signals:*:*", snapshot=True)
    told, shown = stream.expect("snapshot"), public.expect("snapshot")
    assert told["data"] == shown["data"]
    assert [one["symbol"] for one in told["full"]] == [one["symbol"] for one in told["data"]] == ["BTC-USD", "ETH-USD"]
    assert "full" not in shown


def test_snapshots_of_many_series_come_in_portions_that_a_client_can_read(admin_world: World) -> None:
    watched = [f"C{n:03d}-USD" for n in range(40)]
    admin_world.watch(*watched)
    admin_world.clock.advance(2)
    for symbol in watched:
        for timeframe in Timeframe:
            admin_world.signal(Series("coinbase", symbol, timeframe), T0, padding="x" * 2000)
    stream = admitted(admin_world)
    stream.subscribe("signals:*:*", snapshot=True)
    found: list[Any] = []
    while len(found) < 40 * len(Timeframe):
        found += stream.until("snapshot")["full"]
    assert len({(one["symbol"], one["timeframe"]) for one in found}) == 40 * len(Timeframe)


def test_a_snapshot_of_candles_has_no_full_record(admin_world: World) -> None:
    admin_world.store(candle(0))
    stream = admitted(admin_world)
    stream.subscribe("candles:BTC-USD:1m", "alerts:*", snapshot=True)
    assert all("full" not in stream.expect("snapshot") for _ in range(2))


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("signals:BTC-USD", "INVALID_CHANNEL"), ("signals:NOPE-USD:1h", "INVALID_CHANNEL"),
        ("signals:*:2h", "INVALID_CHANNEL"), ("tree:x", "INVALID_CHANNEL"), ("", "INVALID_CHANNEL"),
    ],
)  # fmt: skip
def test_what_is_no_channel_is_rejected_with_a_code(admin_world: World, channel: str, code: str) -> None:
    stream = admitted(admin_world)
    assert stream.subscribe(channel, "signals:*:*")["rejected"] == [{"channel": channel, "code": code}]


def test_limits_hold_for_administrators_too(make_world: MakeWorld) -> None:
    world = make_world(routes=EXCHANGE, admin={"token": TOKEN}, bounds=Bounds(subscriptions=2))
    world.watch()
    stream = admitted(world)
    confirmed = stream.subscribe("signals:*:1h", "signals:*:4h", "signals:*:1d")
    assert [one["code"] for one in confirmed["rejected"]] == ["TOO_MANY_SUBSCRIPTIONS"]
    stream.send(action="subscribe", channels=["signals:*:1h"] * (MOST_CHANNELS + 1))
    assert stream.until("error")["code"] == "INVALID_MESSAGE"
    for _ in range(20):
        stream.send(action="ping")
    assert stream.closed()[0] == 4029


def test_of_two_exchanges_one_has_to_be_named_and_each_is_told_apart(admin_world: World) -> None:
    binance = admin_world.beside()
    binance.watch("BTC-USDT")
    admin_world.clock.advance(12)
    stream = admitted(admin_world)
    wait_until(lambda: "binance" in admin_world.front.hub.places, "the second exchange")
    stream.send(action="subscribe", channels=["signals:*:*"])
    assert "coinbase, binance" in stream.until("error")["message"]
    for name in ("coinbase", "binance"):
        stream.subscribe("signals:*:*", "candles:*:*", exchange=name)
    binance.signal(Series("binance", "BTC-USDT", Timeframe.H1), T0)
    told = stream.expect("trade_signal")
    assert (told["data"]["exchange"], told["id"].partition(":")[0]) == ("binance", "binance")
    assert told["full"]["symbol"] == "BTC-USDT"
    admin_world.store(candle(0, series=BTC))
    assert stream.expect("candle_close")["data"]["exchange"] == "coinbase"


def test_a_long_replay_of_full_records_comes_in_small_portions_and_is_whole(admin_world: World) -> None:
    admin_world.followed()
    admin_world.signal(BTC, T0)
    wait_until(lambda: newest(admin_world) != "coinbase:0-0", "the first event")
    place, asked = newest(admin_world), []
    for n in range(1, 121):
        admin_world.signal(BTC, T0 + n * 60_000)
    reading = admin_world.front.redis.run_all

    async def counted(queries: Any) -> Any:
        found = await reading(queries)
        asked.append(len(found[0]))
        return found

    admin_world.front.redis.run_all = counted  # type: ignore[method-assign]
    stream = admitted(admin_world)
    stream.subscribe("signals:*:*", resume_from=[place])
    told = [stream.expect("trade_signal")["full"]["timestamp"] for _ in range(120)]
    assert told == [T0 + n * 60_000 for n in range(1, 121)]
    assert max(one for one in asked[1:]) <= FULL_AT_ONCE
