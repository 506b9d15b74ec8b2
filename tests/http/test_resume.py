"""Resuming: whoever comes back with the id of the last event gets all that came after it, once and in order."""

import asyncio
import json
from itertools import islice
from typing import Any

import msgspec
import pytest

from livermore.errors import Transient
from livermore.http import replay
from livermore.http.bounds import Bounds
from livermore.market.candle import Series, to_json
from livermore.market.timeframe import Timeframe
from livermore.store import candles, events, fence
from livermore.store.candles import Write
from livermore.store.keys import Keys
from livermore.store.lease import Lease, claim
from livermore.store.query import command, nothing
from livermore.store.status import Origin
from tests.http.conftest import MakeWorld
from tests.http.test_lists import alert
from tests.http.world import TOKEN, Stream, World, wait_until
from tests.support.candles import T0, candle
from tests.support.leases import owner

MINUTE = "candles:BTC-USD:1m"
FIVE = Series("coinbase", "BTC-USD", Timeframe.M5)


def prices(told: list[Any]) -> list[str]:
    return [one["data"]["close"] for one in told]


def closes(world: World, first: int, count: int, series: Series | None = None) -> list[str]:
    """Close so many candles, each with the price of its number."""
    told = [candle(n, str(n + 1), **({"series": series} if series else {})) for n in range(first, first + count)]
    for start in range(0, count, 100):
        world.store(*told[start : start + 100])
    return [one.close for one in told]


def newest(world: World) -> str:
    return "coinbase:" + world.redis.run(events.newest_id(world.keys))


def followed_to(world: World, place: str) -> None:
    wait_until(lambda: world.front.hub.place("coinbase") == place, f"the front to be at {place}")


def next_of(stream: Stream, count: int) -> list[Any]:
    """So many messages, heartbeats left out."""
    told = (one for one in iter(stream.next, None) if one["type"] != "heartbeat")
    return list(islice(told, count))


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few events make several."""
    monkeypatch.setattr(replay, "AT_ONCE", 3)


def test_what_was_missed_is_replayed_once_and_in_order_and_then_it_goes_on(world: World) -> None:
    stream = world.stream()
    stream.subscribe(MINUTE)
    closes(world, 0, 3)
    last = next_of(stream, 3)[-1]["id"]
    stream.close()
    missed = closes(world, 3, 700)
    stream = world.connect()
    confirmed = stream.subscribe(MINUTE, resume_from=[last])
    assert confirmed["resumed"] is True
    assert prices(next_of(stream, 700)) == missed
    assert stream.expect("heartbeat")["ids"] == {"coinbase": newest(world)}
    later = closes(world, 703, 5)
    assert prices(next_of(stream, 5)) == later


@pytest.mark.usefixtures("small_portions")
@pytest.mark.parametrize("missed", range(8))
def test_it_does_not_matter_where_a_portion_ends(world: World, missed: int) -> None:
    world.followed()
    closes(world, 0, 1)
    last = newest(world)
    expected = closes(world, 1, missed)
    followed_to(world, newest(world))
    stream = world.connect()
    assert stream.subscribe(MINUTE, resume_from=[last])["resumed"] is True
    expected += closes(world, 1 + missed, 2)
    assert prices(next_of(stream, missed + 2)) == expected


@pytest.mark.usefixtures("small_portions")
def test_events_that_are_written_while_one_resumes_come_once(world: World) -> None:
    world.followed()
    expected = closes(world, 0, 40)
    stream = world.connect()
    first = "coinbase:" + world.redis.run(events.oldest_id(world.keys))
    stream.send(action="subscribe", channels=[MINUTE, "candles:*:1m", "candles:*:*"], resume_from=[first])
    for n in range(40, 80):
        expected += closes(world, n, 1)
    stream.until("subscribed")
    assert prices(next_of(stream, 79)) == expected[1:]


def test_only_what_is_asked_for_is_replayed(world: World) -> None:
    world.followed()
    closes(world, 0, 1)
    last = newest(world)
    closes(world, 1, 2)
    world.store(candle(0, series=FIVE))
    world.signal(FIVE, T0)
    world.alert(alert(0))
    followed_to(world, newest(world))
    stream = world.connect()
    stream.subscribe("candles:*:5m", "alerts:BTC-USD", resume_from=[last])
    assert [one["type"] for one in next_of(stream, 2)] == ["candle_close", "alert"]
    closes(world, 3, 1)
    world.store(candle(1, series=FIVE))
    assert next_of(stream, 1)[0]["channel"] == "candles:BTC-USD:5m"


def test_what_a_client_holds_already_is_not_replayed_to_it(world: World) -> None:
    stream = world.stream()
    stream.subscribe(MINUTE)
    closes(world, 0, 1)
    first = stream.next()["id"]
    closes(world, 1, 2)
    next_of(stream, 2)
    world.store(candle(0, series=FIVE))
    followed_to(world, newest(world))
    stream.subscribe(MINUTE, "candles:BTC-USD:*", resume_from=[first])
    assert next_of(stream, 1)[0]["channel"] == "candles:BTC-USD:5m"
    closes(world, 3, 1)
    assert prices(next_of(stream, 1)) == ["4"]


def test_a_heartbeats_id_is_a_place_to_resume_from(world: World) -> None:
    world.followed()
    closes(world, 0, 2)
    place = newest(world)
    followed_to(world, place)
    stream = world.connect()
    assert stream.subscribe(MINUTE, resume_from=[place])["resumed"] is True
    closes(world, 2, 1)
    assert prices(next_of(stream, 1)) == ["3"]


def test_an_exchange_without_events_is_resumed_from_its_start(world: World) -> None:
    stream = world.stream()
    assert stream.subscribe(MINUTE, resume_from=["coinbase:0-0"])["resumed"] is True
    closes(world, 0, 1)
    assert prices(next_of(stream, 1)) == ["1"]


@pytest.mark.parametrize("lost", [0, 1])
def test_the_start_is_a_place_as_long_as_every_event_is_held(world: World, lost: int) -> None:
    """It is where a client is that came before the first one."""
    world.followed()
    expected = closes(world, 0, 3)
    world.redis.run(command("XTRIM", world.keys.events, "MAXLEN", 3 - lost, read=nothing))
    followed_to(world, newest(world))
    stream = world.connect()
    assert stream.subscribe(MINUTE, resume_from=["coinbase:0-0"])["resumed"] is (not lost)
    if not lost:
        assert prices(next_of(stream, 3)) == expected


def test_what_has_been_trimmed_is_answered_with_a_snapshot(world: World) -> None:
    world.followed()
    closes(world, 0, 1)
    last = newest(world)
    closes(world, 1, 3)
    world.redis.run(command("XTRIM", world.keys.events, "MAXLEN", 2, read=nothing))
    followed_to(world, newest(world))
    stream = world.connect()
    confirmed = stream.subscribe(MINUTE, "alerts:*", resume_from=[last])
    assert confirmed["resumed"] is False
    snapshot = stream.expect("snapshot")
    assert (snapshot["id"], snapshot["data"]) == (newest(world), [json.loads(to_json(candle(3, "4")))])
    assert stream.expect("snapshot")["channel"] == "alerts:*"
    closes(world, 4, 1)
    assert prices(next_of(stream, 1)) == ["5"]


@pytest.mark.parametrize("id_", ["99999999999999-0", "18446744073709551615-18446744073709551615"])
def test_a_place_that_is_still_to_come_is_answered_with_a_snapshot(world: World, id_: str) -> None:
    closes(world, 0, 1)
    stream = world.stream()
    assert stream.subscribe(MINUTE, resume_from=[f"coinbase:{id_}"])["resumed"] is False
    assert stream.expect("snapshot")["data"]


def test_an_emptied_redis_is_not_resumed(world: World) -> None:
    closes(world, 0, 2)
    last = newest(world)
    world.redis.run(command("DEL", world.keys.events, read=nothing))
    stream = world.stream()
    assert stream.subscribe(MINUTE, resume_from=[last])["resumed"] is False


@pytest.mark.parametrize(
    "tokens",
    [
        ["1-0"], [""], [], ["coinbase"], ["coinbase:"], ["coinbase:1"], ["coinbase:1-0-0"], ["coinbase:-1-0"],
        ["coinbase:1-0 "], ["coinbase:٣-0"], ["coinbase:18446744073709551616-0"], ["binance:1-0"],
        ["coinbase:1-0", "coinbase:2-0"], ["coinbase:$"], ["coinbase:+"], ["coinbase:1-0\n"],
    ],
)  # fmt: skip
def test_a_token_that_is_none_is_refused_by_name_and_nothing_is_subscribed(world: World, tokens: list[str]) -> None:
    stream = world.stream()
    stream.send(action="subscribe", channels=[MINUTE], resume_from=tokens)
    refused = stream.expect("error")
    assert refused["code"] == "INVALID_MESSAGE"
    assert "resume_from" in refused["message"]
    assert stream.subscribe("alerts:*")["channels"] == ["alerts:*"]


def test_tokens_of_other_exchanges_may_stand_beside(world: World) -> None:
    closes(world, 0, 1)
    stream = world.stream()
    assert stream.subscribe(MINUTE, resume_from=["binance:5-0", newest(world)])["resumed"] is True


def test_a_front_that_is_behind_resumes_once_it_has_caught_up(world: World) -> None:
    """Another one was faster: it has told the client of events that this one has not read yet."""
    world.followed()
    closes(world, 0, 2)
    followed_to(world, newest(world))
    hub, held = world.front.hub, list[Any]()
    publish, at = hub.publish, hub.at
    hub.publish = lambda *told: held.append(told)  # type: ignore[method-assign]
    hub.at = lambda *told: None  # type: ignore[method-assign]
    closes(world, 2, 3)
    wait_until(lambda: len(held) >= 3, "the front to have read the events")
    held = held[:3]  # as it does not move on, it reads them again and again
    stream = world.connect()
    confirmed = stream.subscribe(MINUTE, resume_from=[f"coinbase:{held[1][1].id}"])
    assert confirmed["resumed"] is True

    async def go_on() -> None:
        hub.publish, hub.at = publish, at  # type: ignore[method-assign]
        for one in held:
            publish(*one)
        at("coinbase", held[-1][1].id)

    world.run(go_on())
    assert prices(next_of(stream, 1)) == ["5"]


def test_a_client_that_is_too_slow_for_what_is_kept_is_closed_with_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.followed()
    closes(world, 0, 1)
    last = newest(world)
    closes(world, 1, 600)
    followed_to(world, newest(world))
    reading = world.front.redis.run_all
    asked = 0

    async def trims_meanwhile(queries: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 3:  # the first finds out whether it can be done, the second is the first portion
            await world.front.redis.run(command("XTRIM", world.keys.events, "MAXLEN", 5, read=nothing))
        return await reading(queries)

    monkeypatch.setattr(world.front.redis, "run_all", trims_meanwhile)
    stream = world.connect()
    stream.subscribe(MINUTE, resume_from=[last])
    told = list(iter(stream.next, None))
    assert len(told) == replay.AT_ONCE
    assert stream.closed() == (4009, f"slow_consumer {told[-1]['id']}")


def test_nothing_is_skipped_while_redis_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.followed()
    closes(world, 0, 1)
    last = newest(world)
    expected = closes(world, 1, 450)
    followed_to(world, newest(world))
    reading, failures = world.front.redis.run_all, iter([False, True, False, True, True] + 100 * [False])

    async def now_and_then(queries: Any) -> Any:
        if next(failures):
            raise Transient("away", retry_after=0.01)
        return await reading(queries)

    monkeypatch.setattr(world.front.redis, "run_all", now_and_then)
    stream = world.connect()
    stream.subscribe(MINUTE, resume_from=[last])
    assert prices(next_of(stream, 450)) == expected


def test_a_heartbeat_is_no_place_for_one_who_is_still_catching_up(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.02))
    world.watch()
    world.followed()
    closes(world, 0, 1)
    last = newest(world)
    closes(world, 1, 1)
    followed_to(world, newest(world))
    reading, gate, asked = world.front.redis.run_all, asyncio.Event(), iter([False, True])

    async def held_up(queries: Any) -> Any:
        if next(asked, False):
            await gate.wait()
        return await reading(queries)

    monkeypatch.setattr(world.front.redis, "run_all", held_up)
    stream = world.connect()
    assert "ids" in stream.until("heartbeat")
    stream.subscribe(MINUTE, resume_from=[last])
    assert all("ids" not in stream.until("heartbeat") for _ in range(3))

    async def go_on() -> None:
        gate.set()

    world.run(go_on())
    assert prices([stream.until("candle_close")]) == ["2"]
    assert stream.expect("heartbeat")["ids"] == {"coinbase": newest(world)}


def test_to_resume_needs_channels_of_an_exchange(admin_world: World) -> None:
    stream = admin_world.connect(path="/admin/v1/stream", key=None)
    stream.send(action="auth", token=TOKEN)
    stream.send(action="subscribe", channels=["tree"], resume_from=["coinbase:1-0"])
    assert stream.until("error")["code"] == "INVALID_MESSAGE"


def test_an_exchange_that_begins_while_somebody_listens_is_told_from_its_first_event(world: World) -> None:
    stream, theirs = world.stream(), Lease("binance", 2, owner())
    stream.subscribe("candles:*:1m", exchange="binance")
    assert world.redis.run(claim(theirs, 60_000)) is None
    first = candle(0, series=Series("binance", "BTC-USDT", Timeframe.M1))
    world.redis.run(candles.write(theirs, Write([first], (), news=True), 1000))
    world.redis.run(fence.put(theirs, Keys(2).schema, msgspec.json.encode(Origin(1, simulated=False))))
    world.clock.advance(2)  # what the front remembers of it is old
    told = stream.next()
    assert (told["id"].partition(":")[0], told["data"]) == ("binance", json.loads(to_json(first)))
