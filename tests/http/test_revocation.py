"""Revocation: a key that is revoked or has an end opens nothing any more, at every front and at once."""

import threading
from functools import partial

import pytest
from sqlalchemy import Connection

from livermore.errors import Transient
from livermore.http.bounds import Bounds
from livermore.store import api_keys, key_book
from livermore.store.api_keys import ApiKey
from livermore.store.keys import KEYS_CHANGED
from livermore.store.query import command, integer
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.http.conftest import MakeWorld
from tests.http.test_keys import change
from tests.http.world import World, a_world, wait_until
from tests.support.valkey import Valkey, valkey

URL = "/public/v1/exchanges"
OUT = (4001, "this key is no longer valid")


def id_of(key: str) -> str:
    return (api_keys.split(key) or ("",))[0]


def revoke(world: World, key: str) -> None:
    """As the command line does."""
    world.database.run(partial(key_book.revoke, key_id=id_of(key)))
    world.redis.run(key_book.told(id_of(key)))


def is_out(world: World, key: str) -> None:
    wait_until(lambda: world.ask(URL, key=key).status == 401, "the key to be forgotten")


def test_every_front_refuses_a_revoked_key_at_once_and_closes_its_streams(
    world: World, empty_valkey: Valkey, database: DatabasePlace
) -> None:
    with a_world(empty_valkey.place, database, Bounds()) as other:
        other.hears_of_keys()
        streams = [front.stream(key=world.key) for front in (world, other)]
        for front in (world, other):
            assert front.ask(URL, key=world.key).status == 200
        revoke(world, world.key)
        for stream in streams:
            assert stream.closed() == OUT
        for front in (world, other):
            is_out(front, world.key)


def test_other_keys_and_their_streams_go_on(world: World) -> None:
    other = world.database.run(partial(api_keys.create, name="other", now=0))
    mine, others = world.stream(), world.stream(key=other)
    revoke(world, world.key)
    assert mine.closed() == OUT
    others.send(action="ping")
    others.expect("pong")
    assert world.ask(URL, key=other).status == 200


def test_a_rotated_key_and_its_streams_end_with_the_overlap(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.02))
    stream, old = world.stream(), world.key
    assert world.ask(URL).status == 200
    work = partial(key_book.rotate, key_id=id_of(old), now=world.clock.wall(), overlap=10_000)
    new = world.database.run(work)
    world.redis.run(key_book.told(id_of(old)))
    stream.until("heartbeat")
    assert [world.ask(URL, key=key).status for key in (old, new)] == [200, 200]
    world.clock.advance(10)
    assert stream.closed() == OUT
    assert [world.ask(URL, key=key).status for key in (old, new)] == [401, 200]


def test_an_expired_key_loses_its_streams(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.02))
    change(world, world.key, expires_at=world.clock.wall() + 5000)
    stream = world.stream()
    stream.until("heartbeat")
    world.clock.advance(5)
    assert stream.closed() == OUT


def test_what_was_said_while_nothing_could_be_heard_is_made_up_for(database: DatabasePlace) -> None:
    with valkey() as server, a_world(server.place, database, Bounds()) as world:
        world.hears_of_keys()
        assert world.ask("/public/v1/stream", key=world.key).status == 426
        server.kill()
        world.database.run(partial(key_book.revoke, key_id=id_of(world.key)))
        assert world.ask("/public/v1/stream", key=world.key).status == 426
        world.hears.clear()
        server.start()
        world.hears_of_keys()
        assert world.ask("/public/v1/stream", key=world.key).status == 401


@pytest.mark.parametrize("how", ["forget", "expire"])
def test_a_key_that_was_read_while_it_was_revoked_is_not_believed(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """What SQL said before is on its way while the front hears that it is not true any more."""
    find, read, go_on = api_keys.find, threading.Event(), threading.Event()

    def slow(connection: Connection, key_id: str) -> ApiKey | None:
        found = find(connection, key_id)
        if not read.is_set():
            read.set()
            assert go_on.wait(10)
        return found

    async def hear() -> None:
        if how == "forget":
            world.front.keyring.forget(id_of(world.key))
        else:
            world.front.keyring.expire()

    monkeypatch.setattr(api_keys, "find", slow)
    asking = threading.Thread(target=world.ask, args=(URL,))
    asking.start()
    assert read.wait(10)
    change(world, world.key, is_active=False)
    world.run(hear())
    go_on.set()
    asking.join(10)
    assert world.ask(URL).status == 401


def test_a_key_that_is_said_to_have_changed_is_not_believed_from_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = world.stream()
    assert world.ask(URL).status == 200

    def down(*_: object) -> None:
        raise Transient("SQL cannot answer")

    monkeypatch.setattr(Database, "run", down)
    world.redis.run(key_book.told(id_of(world.key)))
    assert stream.closed() == (1013, "this key was changed, and cannot be checked now")
    assert world.ask(URL).status == 503


@pytest.mark.parametrize("said", [b"", b"\xff\xfe", b"x" * 100_000, b"nobody"])
def test_nonsense_on_the_channel_does_no_harm(world: World, said: bytes) -> None:
    stream = world.stream()
    assert world.redis.run(command("PUBLISH", KEYS_CHANGED, said, read=integer)) == 1
    revoke(world, world.key)
    assert stream.closed() == OUT
