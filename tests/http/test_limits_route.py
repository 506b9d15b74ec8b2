"""`/limits`: a key is told what it may do and how much of it is used, and nothing of any other key."""

import threading
from functools import partial
from typing import Any

import pytest

from livermore.errors import Transient
from livermore.http import cached
from livermore.http.bounds import Bounds
from livermore.store import api_keys, fence, key_usage, sweeping
from livermore.store.lease import Lease, claim
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.sweeping import Window
from tests.http.test_keys import change
from tests.http.world import PUBLIC, TOKEN, World, a_world, wait_until
from tests.support.leases import owner
from tests.support.valkey import Valkey


def limits(world: World, **named: Any) -> dict[str, Any]:
    answer = world.ask("/public/v1/limits", **named)
    assert answer.status == 200, answer.body
    (item,) = answer.json()["data"]
    assert str(item["remaining"]) == answer.headers["x-ratelimit-remaining"]
    assert str(item["reset_seconds"]) == answer.headers["x-ratelimit-reset"]
    return item


def test_a_key_is_told_all_of_itself(world: World) -> None:
    key_id, secret = api_keys.split(world.key) or ("", "")
    assert limits(world) == {
        "id": key_id, "name": "test", "scopes": ["read", "stream"], "expires": None, "requests_per_minute": 300,
        "remaining": 299, "reset_seconds": 1, "connections": 5, "connections_open": 0, "requests_today": 1,
        "resume_window_seconds": 86400,
    }  # fmt: skip
    assert secret not in str(limits(world))


def test_it_follows_what_the_key_may_and_does(world: World) -> None:
    end = world.clock.wall() + 90_500
    change(world, world.key, scopes="read stream", requests_per_minute=20, connections=2, expires_at=end)
    streams = [world.stream() for _ in range(2)]
    found = limits(world)
    assert (found["requests_per_minute"], found["remaining"], found["reset_seconds"]) == (20, 17, 9)
    assert (found["connections"], found["connections_open"], found["expires"]) == (2, 2, "2023-11-14T22:14:52.500Z")
    assert found["requests_today"] == 3
    streams[0].close()
    streams[0].closed()
    wait_until(lambda: limits(world)["connections_open"] == 1, "the stream to be over")


def test_each_key_sees_itself_alone(world: World) -> None:
    other = world.database.run(partial(api_keys.create, name="other", now=0, scopes=["read"]))
    for _ in range(3):
        limits(world)
    found = limits(world, key=other)
    assert (found["name"], found["scopes"], found["requests_today"], found["remaining"]) == ("other", ["read"], 1, 299)


def test_requests_of_today_are_those_at_all_fronts_as_far_as_they_are_written(
    world: World, empty_valkey: Valkey, database: DatabasePlace
) -> None:
    with a_world(empty_valkey.place, database, Bounds()) as other:
        limits(other, key=world.key)
        assert limits(world)["requests_today"] == 1
        other.run(other.front.usage.write())
        world.run(world.front.usage.write())
        assert limits(world)["requests_today"] == 3
    world.clock.advance(key_usage.DAY / 1000)
    assert limits(world)["requests_today"] == 1


def test_while_sql_is_down_only_what_was_written_is_not_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(world)

    def down(*_: object) -> None:
        raise Transient("SQL cannot answer")

    monkeypatch.setattr(Database, "run", down)
    found = limits(world)
    assert (found["requests_today"], found["remaining"]) == (None, 298)


def test_while_sql_hangs_nobody_waits_for_it_to_know_his_limits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(world)
    free = threading.Event()
    monkeypatch.setattr(cached, "PATIENCE", 0.01)
    monkeypatch.setattr(Database, "run", lambda *_: free.wait(60))
    try:
        assert limits(world)["requests_today"] is None
    finally:
        free.set()


def test_it_takes_a_key_that_may_read_and_no_parameter(world: World) -> None:
    assert world.ask("/public/v1/limits", key=None).status == 401
    answer = world.ask("/public/v1/limits?key=1")
    assert (answer.status, answer.json()["error"]["param"]) == (400, "key")
    change(world, world.key, scopes="stream")
    world.clock.advance(60)
    assert world.ask("/public/v1/limits").status == 403


def test_a_front_beside_a_pipeline_has_it_too(make_world: Any) -> None:
    assert limits(make_world(routes=(*PUBLIC[:-1], "admin"), admin={"token": TOKEN}))["name"] == "test"


def test_the_window_in_which_a_stream_can_be_resumed_is_what_the_owner_of_the_events_says(world: World) -> None:
    assert limits(world)["resume_window_seconds"] == 86_400
    world.redis.run(sweeping.keep_window(world.lease, Window(172_800)))
    world.clock.advance(11)
    assert limits(world)["resume_window_seconds"] == 172_800
    world.followed()
    assert world.connect().expect("welcome")["limits"]["resume_window_seconds"] == 172_800


def test_of_two_exchanges_the_shorter_window_is_told(world: World) -> None:
    other = Lease("binance", 2, owner())
    assert world.redis.run(claim(other, 60_000)) is None
    for right, hours in ((world.lease, 72), (other, 48)):
        world.redis.run(fence.put(right, right.keys.schema, b'{"version":1,"simulated":false}'))
        world.redis.run(sweeping.keep_window(right, Window(hours * 3600)))

    def told() -> bool:
        world.clock.advance(11)  # what is remembered is looked up again, and told from then on
        return bool(limits(world)["resume_window_seconds"] == 48 * 3600)

    wait_until(told, "the shorter window to be told")
