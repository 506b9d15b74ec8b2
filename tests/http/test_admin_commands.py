"""Commands by the admin API: given in somebody's name, waited for or not, refused with the reason."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from livermore.http.bounds import Bounds
from livermore.store import commands
from livermore.store.commands import Command, Response
from livermore.store.redis import RedisStore
from livermore.store.settings import RedisPlace
from tests.http.conftest import MakeWorld
from tests.http.world import TOKEN, World
from tests.support.leases import KEYS
from tests.support.valkey import Valkey

SHORT = Bounds(command=0.2)
UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world(routes=["admin_commands", "health"], admin={"token": TOKEN}, bounds=SHORT)


def given(world: World) -> list[Command]:
    """All commands that stand in the stream."""
    return [msgspec.json.decode(data, type=Command) for _, data in world.redis.run(commands.follow(KEYS, "0-0", 1))]


@contextmanager
def answered(place: RedisPlace, answer: Callable[[Command], Response]) -> Iterator[None]:
    """Somebody carries out the first command that is given meanwhile."""

    def work() -> None:
        store = RedisStore(place)
        while not (found := store.run(commands.follow(KEYS, "0-0", 100))):
            pass
        one = msgspec.json.decode(found[0][1], type=Command)
        for said in (Response(one.correlation_id, "ack", 1), answer(one)):
            for query in commands.respond(KEYS, said):
                store.run(query)
        store.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    thread.join(10)


@pytest.fixture
def patient(make_world: MakeWorld) -> World:
    return make_world(routes=["admin_commands", "health"], admin={"token": TOKEN}, bounds=Bounds(command=10))


def done(one: Command) -> Response:
    return Response(one.correlation_id, "success", 2, data={"status": "paused"})


def failed(one: Command) -> Response:
    return Response(one.correlation_id, "error", 2, "it is not paused: start it")


def test_a_command_is_given_in_the_name_of_who_asks_and_waited_for(patient: World, empty_valkey: Valkey) -> None:
    with answered(empty_valkey.place, done):
        said = patient.admin("/commands/coinbase", method="POST", type="pause", priority=3)
    assert (said["status"], said["data"]) == ("success", {"status": "paused"})
    (one,) = given(patient)
    assert (one.type, one.by, one.priority, one.correlation_id) == ("pause", "token", 3, said["correlation_id"])
    told = patient.admin(f"/commands/coinbase/{one.correlation_id}")
    assert (told["status"], told["data"]) == ("success", {"status": "paused"})


def test_what_is_refused_says_why(patient: World, empty_valkey: Valkey) -> None:
    with answered(empty_valkey.place, failed):
        said = patient.admin("/commands/coinbase", method="POST", status=409, type="resume")
    assert said["error"]["message"] == "it is not paused: start it"


def test_nobody_is_waited_for_for_ever(world: World) -> None:
    said = world.admin("/commands/coinbase", method="POST", status=503, type="pause")
    assert said["error"]["code"] == "UNAVAILABLE"


@pytest.mark.parametrize("type_", ["start", "force-backfill"])
def test_what_takes_long_is_told_by_its_id(world: World, type_: str) -> None:
    said = world.admin("/commands/coinbase", method="POST", type=type_, payload={"symbol": "BTC-USD"})
    assert said["status"] == "given"
    assert [one.correlation_id for one in given(world)] == [said["correlation_id"]]
    assert world.admin(f"/commands/coinbase/{said['correlation_id']}", status=404)["error"]["code"] == "NOT_FOUND"
    assert (
        world.redis.run(commands.take(KEYS, said["correlation_id"], "host:1:then", world.lease.token)) == commands.TAKEN
    )
    assert world.admin(f"/commands/coinbase/{said['correlation_id']}")["status"] == "taken"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "Pause"},
        {"type": "x" * 41},
        {"type": "pause", "priority": 0},
        {"type": "pause", "payload": []},
        {"type": "pause", "payload": dict.fromkeys("abcdefghijk", 1)},
        {"type": "pause", "by": "somebody else"},
    ],
)
def test_what_is_no_command_is_given_to_nobody(world: World, body: dict[str, Any]) -> None:
    world.admin("/commands/coinbase", method="POST", status=400, **body)
    assert given(world) == []


def test_an_exchange_and_a_command_that_there_are_not_are_404(world: World) -> None:
    assert world.admin("/commands/nowhere", method="POST", status=404, type="pause")["error"]["param"] == "exchange"
    assert world.admin(f"/commands/coinbase/{UNKNOWN}", status=404)["error"]["param"] == "id"
