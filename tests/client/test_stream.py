"""The client's stream: each event once and in order, whatever becomes of connections and fronts."""

import asyncio
import random
from contextlib import aclosing
from typing import Any

import pytest

from livermore.client import (
    AlertRaised,
    ApiError,
    AsyncClient,
    CandleClose,
    CandleCorrected,
    GapTold,
    NotResumed,
    Snapshot,
    Stream,
    StreamError,
    TickerChanged,
    TradeSignal,
    UnreachableError,
    connection,
)
from livermore.client.stream import Event
from livermore.http import replay
from livermore.http.bounds import Bounds
from livermore.market.candle import Series
from livermore.market.gap import Cause, Gap
from livermore.market.timeframe import Timeframe
from livermore.store import gaps
from livermore.store.query import command, nothing
from tests.client.conftest import Waits, aside, client, run, take
from tests.http.conftest import MakeWorld
from tests.http.test_keys import change
from tests.http.test_lists import alert, ticker
from tests.http.test_resume import newest
from tests.http.world import World, wait_until
from tests.support.candles import BTC, T0, candle
from tests.support.free_port import free_port

HOUR = Series("coinbase", "BTC-USD", Timeframe.H1)
MINUTE = ["candles:BTC-USD:1m"]


def price(event: Event) -> str:
    assert isinstance(event, CandleClose), event
    return event.data.close


async def prices(events: Stream, count: int) -> list[str]:
    return [price(event) for event in await take(events, count)]


def listened_to(world: World) -> bool:
    """Whether somebody has subscribed to something."""
    return any(stream.session and stream.session.topics for stream in world.front.guests.streams)


async def caught_up(world: World, events: Stream) -> "asyncio.Task[Event]":
    """A task that waits for the next event of a stream that hears everything."""
    await aside(world.store, candle(0, series=HOUR))  # so that there is a place to begin at
    await aside(wait_until, lambda: world.front.hub.place("coinbase") == newest(world), "the front to follow")
    coming = asyncio.ensure_future(anext(events))
    await aside(wait_until, lambda: listened_to(world), "a stream")
    return coming


def test_every_kind_of_event_is_given_in_its_form(world: World) -> None:
    async def hear() -> list[Event]:
        channels = ["candles:*:*", "signals:*:*", "alerts:*", "tickers:*"]
        async with client(world) as ours, ours.stream(channels) as events:
            coming = await caught_up(world, events)
            await aside(world.heard)
            await aside(world.store, candle(0))
            await aside(world.store, candle(0, "11"))
            await aside(world.signal, HOUR, T0)
            await aside(world.alert, alert(0))
            await aside(world.redis.run, gaps.report(world.lease, [Gap(HOUR, T0, T0, Cause.DISCONNECT)]))
            told = [await coming, *await take(events, 4)]
            await aside(world.tick, ticker("BTC-USD", "64000.5"))
            return [*told, *await take(events, 1)]

    told = run(hear())
    kinds = [CandleClose, CandleCorrected, TradeSignal, AlertRaised, GapTold, TickerChanged]
    assert [type(event) for event in told] == kinds
    closed, corrected, signal, raised, gap, price_ = (event.data for event in told)  # type: ignore[union-attr]
    assert (closed.close, corrected.close, corrected.revision) == ("100", "11", 1)
    assert (signal.direction, raised.id, gap.cause, price_.price) == ("bullish", alert(0).id, "disconnect", "64000.5")


def test_a_snapshot_says_first_what_stands_now(world: World) -> None:
    world.store(candle(0), candle(1, "12"))
    world.signal(HOUR, T0)
    world.tick(ticker("ETH-USD", "1.5"))

    async def hear() -> list[Event]:
        channels = ["candles:BTC-USD:1m", "signals:*:1h", "tickers:*"]
        async with client(world) as ours, ours.stream(channels, snapshot=True) as events:
            return await take(events, 3)

    told = run(hear())
    assert all(isinstance(event, Snapshot) for event in told)
    rows = [event.data[0] for event in told]  # type: ignore[union-attr]
    assert [type(row).__name__ for row in rows] == ["Candle", "SignalNews", "Ticker"]


@pytest.mark.parametrize("ending", ["cut", "restart"])
def test_a_stream_goes_on_where_it_was(world: World, ending: str) -> None:
    async def hear() -> tuple[list[str], str | None]:
        async with client(world) as ours, ours.stream(MINUTE) as events:
            coming = await caught_up(world, events)
            await aside(world.store, candle(0, "1"), candle(1, "2"))
            told = [price(await coming), *await prices(events, 1)]
            await aside(getattr(world, ending))
            await aside(world.store, candle(2, "3"), candle(3, "4"))
            told += await prices(events, 2)
            await aside(world.store, candle(4, "5"))
            return [*told, *await prices(events, 1)], events.place

    told, place = run(hear())
    assert told == ["1", "2", "3", "4", "5"]
    assert place == newest(world)


def test_who_is_cut_off_before_the_first_event_has_lost_none(world: World) -> None:
    async def hear() -> list[str]:
        async with client(world) as ours, ours.stream(MINUTE) as events:
            coming = await caught_up(world, events)
            await aside(world.cut)
            await aside(world.store, candle(0, "1"), candle(1, "2"))
            return [price(await coming), *await prices(events, 1)]

    assert run(hear()) == ["1", "2"]


def test_another_process_goes_on_from_the_place_of_the_first(world: World) -> None:
    async def hear() -> list[str]:
        async with client(world) as ours:
            async with ours.stream(MINUTE) as events:
                coming = await caught_up(world, events)
                await aside(world.store, candle(0, "1"))
                told, place = [price(await coming)], events.place
            await aside(world.store, candle(1, "2"), candle(2, "3"))
            async with ours.stream(MINUTE, resume_from=place) as events:
                return told + await prices(events, 2)

    assert run(hear()) == ["1", "2", "3"]


def test_a_heartbeat_keeps_a_quiet_stream_resumable(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.2))
    world.watch()

    async def hear() -> list[Event]:
        async with client(world) as ours, ours.stream(MINUTE) as events:
            coming = await caught_up(world, events)
            for number in range(1, 6):
                await aside(world.store, candle(number, series=HOUR))
            await aside(wait_until, lambda: events.place == newest(world), "the place to move")
            await aside(world.redis.run, command("XTRIM", world.keys.events, "MAXLEN", 1, read=nothing))
            await aside(world.cut)
            await aside(world.store, candle(0, "1"))
            return [await coming]

    assert [price(event) for event in run(hear())] == ["1"]


def test_what_cannot_be_made_up_for_is_told_and_the_stream_goes_on(world: World) -> None:
    def forget() -> None:
        world.store(candle(1, "2"), candle(2, "3"))
        world.redis.run(command("XTRIM", world.keys.events, "MAXLEN", 1, read=nothing))

    async def hear() -> tuple[list[Event], str]:
        async with client(world) as ours, ours.stream(MINUTE) as events:
            coming = await caught_up(world, events)
            await aside(world.store, candle(0, "1"))
            assert price(await coming) == "1"
            place = events.place or ""
            await aside(world.restart, forget)
            told = await take(events, 2)
            await aside(world.store, candle(3, "4"))
            told += await take(events, 1)
            await aside(world.cut)
            await aside(world.store, candle(4, "5"))
            return [*told, *await take(events, 1)], place

    (lost, snapshot, closed, after), place = run(hear())
    assert lost == NotResumed(since=place)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.data[0].close == "3"  # type: ignore[union-attr]
    assert [price(closed), price(after)] == ["4", "5"]


def test_a_place_that_is_still_to_come_holds_nothing_back(world: World) -> None:
    """As after a Redis that came back with older data."""
    future = "coinbase:99999999999999-0"

    async def hear() -> list[Event]:
        async with client(world) as ours, ours.stream(MINUTE, resume_from=future) as events:
            coming = await caught_up(world, events)
            await aside(world.store, candle(0, "1"))
            return [await coming, *await take(events, 2)]

    lost, *told = run(hear())
    assert lost == NotResumed(since=future)
    assert {type(event) for event in told} == {Snapshot, CandleClose}


def test_a_connection_that_says_nothing_any_more_is_replaced(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.2))
    world.watch()

    async def hear() -> list[str]:
        async with client(world) as ours, ours.stream(MINUTE) as events:
            coming = await caught_up(world, events)
            (first,) = world.front.guests.streams
            world._loop.call_soon_threadsafe(setattr, first, "say", lambda frame: None)  # it is connected, but mute
            world._loop.call_soon_threadsafe(first.outbox.end)
            await aside(wait_until, lambda: first not in world.front.guests.streams, "the client to hang up")
            await aside(world.store, candle(0, "1"))
            return [price(await coming)]

    assert run(hear()) == ["1"]


def test_a_slow_client_is_cut_off_and_misses_nothing(world: World) -> None:
    async def hear() -> list[str]:
        async with client(world) as ours, ours.stream(MINUTE) as events:
            coming = await caught_up(world, events)
            (stream,) = world.front.guests.streams
            world._loop.call_soon_threadsafe(stream._slow, stream.outbox.last_id)
            await aside(wait_until, lambda: stream not in world.front.guests.streams, "the client to be cut off")
            await aside(world.store, candle(0, "1"))
            return [price(await coming)]

    assert run(hear()) == ["1"]


@pytest.mark.parametrize("wrong", ["key", "scope"])
def test_a_key_that_is_not_good_ends_the_stream(world: World, wrong: str) -> None:
    if wrong == "scope":
        change(world, world.key, scopes="read")
    key = world.key if wrong == "scope" else "lvm_000000000000_" + "A" * 43

    async def hear() -> None:
        async with client(world, key=key) as ours, ours.stream(MINUTE) as events:
            await anext(events)

    with pytest.raises(StreamError) as ended:
        run(hear())
    assert ended.value.code == (4003 if wrong == "scope" else 4001)
    assert key not in str(ended.value)


def test_a_key_that_is_revoked_ends_a_stream_that_was_good(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.2))
    world.watch()

    async def hear() -> None:
        async with client(world) as ours, ours.stream(MINUTE) as events:
            coming = await caught_up(world, events)
            await aside(lambda: change(world, world.key, is_active=False))
            world.clock.advance(31)
            await coming

    with pytest.raises(StreamError) as ended:
        run(hear())
    assert ended.value.code == 4001


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"channels": ["candles:DOGE-USD:1m"]}, "INVALID_CHANNEL"),
        ({"channels": ["alerts:*"], "exchange": "nowhere"}, "INVALID_MESSAGE"),
        ({"channels": ["alerts:*"], "resume_from": "coinbase:what"}, None),
    ],
)
def test_what_is_asked_for_wrongly_is_an_error(world: World, asked: dict[str, Any], code: str | None) -> None:
    async def hear() -> None:
        async with client(world) as ours, ours.stream(**asked) as events:
            await anext(events)

    with pytest.raises((StreamError, ValueError)) as refused:
        run(hear())
    assert code is None or getattr(refused.value, "code", None) == code


def test_one_connection_too_many_is_tried_again_until_there_is_room(world: World) -> None:
    change(world, world.key, connections=1)
    held = world.stream()

    async def hear() -> str:
        waits = Waits(world)
        async with client(world, sleep=waits) as ours, ours.stream(MINUTE) as events:
            coming = asyncio.ensure_future(anext(events))
            await aside(wait_until, lambda: len(waits) > 2, "some attempts")
            await aside(held.close)
            await aside(wait_until, lambda: listened_to(world), "it")
            await aside(world.store, candle(0, "1"))
            return price(await coming)

    assert run(hear()) == "1"


def test_who_was_never_there_is_given_up(world: World) -> None:
    async def hear() -> None:
        async with AsyncClient(f"http://127.0.0.1:{free_port()}", "key", patience=3, sleep=Waits(world)) as nobody:
            await anext(nobody.stream(MINUTE))

    with pytest.raises(UnreachableError):
        run(hear())


def test_a_server_without_a_stream_is_an_error(make_world: MakeWorld) -> None:
    world = make_world(routes=("candles",))

    async def hear() -> None:
        async with client(world) as ours, ours.stream(MINUTE) as events:
            await anext(events)

    with pytest.raises(ApiError) as refused:
        run(hear())
    assert refused.value.status == 404


CHANNELS = [
    f"{kind}:{symbol}:{timeframe}"
    for kind in ("candles", "signals")
    for symbol in ("BTC-USD", "ETH-USD")
    for timeframe in Timeframe
]
"""More than one message can hold."""


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_or_doubled_with_many_channels_whatever_breaks_when(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(replay, "AT_ONCE", 7)
    chance, count = random.Random(seed), 600
    series = [Series("coinbase", channel.split(":")[1], Timeframe(channel.split(":")[2])) for channel in CHANNELS[:12]]
    world.store(candle(0, series=BTC))
    begun = newest(world)
    assert len(CHANNELS) > 20

    def write() -> None:
        for number in range(1, count + 1, 3):
            world.store(*(candle(number + n, str(number + n), series=chance.choice(series)) for n in range(3)))
            if chance.random() < 0.05:
                world.restart() if chance.random() < 0.3 else world.cut()

    async def hear() -> list[str]:
        async with client(world) as ours, aclosing(ours.stream(CHANNELS, resume_from=begun)) as events:
            writing = asyncio.ensure_future(aside(write))
            told = await prices(events, count)
            await writing
            return told

    told = run(hear())
    assert sorted(told, key=int) == [str(n) for n in range(1, count + 1)], f"seed {seed}"


def test_who_gives_up_while_it_is_connected_leaves_no_connection_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.followed()
    connect, gate = connection.websocket_connect, asyncio.Event()

    async def slowly(*arguments: Any, **named: Any) -> Any:
        await gate.wait()
        return await connect(*arguments, **named)

    async def give_up() -> None:
        async with client(world) as asked, aclosing(asked.stream(MINUTE)) as events:
            coming = asyncio.ensure_future(anext(events))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            coming.cancel()
            await asyncio.wait({coming})
            gate.set()
            async with asyncio.timeout(5):
                while not begun:
                    await asyncio.sleep(0.01)
                while world.front.guests.streams:
                    await asyncio.sleep(0.01)

    begun: list[Any] = []
    come = world.front.guests.come
    monkeypatch.setattr(world.front.guests, "come", lambda stream: (begun.append(stream), come(stream)))
    monkeypatch.setattr(connection, "websocket_connect", slowly)
    run(give_up())
