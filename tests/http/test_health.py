"""Health: probed, quick, and true also while everything else is down."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from livermore.errors import Transient
from livermore.http.bounds import Bounds
from livermore.store import api_keys
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.http.conftest import MakeWorld
from tests.http.world import TREE, World, a_world
from tests.support.valkey import valkey


def health(world: World) -> tuple[int, Any]:
    """What is said to anyone."""
    answer = world.ask("/health", key=None)
    return answer.status, answer.json()


def test_all_is_well(world: World) -> None:
    status, report = health(world)
    timestamp = report.pop("timestamp")
    assert timestamp.startswith("2023-11-14T")
    assert (status, report) == (
        200,
        {
            "status": "ok", "mode": "pw-host",
            "services": {"database": "connected", "redis": "connected", "auth": "live"},
            "children": {"exchange/http_front": "up", "exchange/notifier": "up"},
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "status"), [(None, "degraded"), ("warming", "degraded"), ("idle", "degraded"), ("active", "ok")]
)
def test_beside_a_pipeline_it_speaks_of_the_exchange(admin_world: World, state: str | None, status: str) -> None:
    if state is not None:
        admin_world.report(state)
    code, report = health(admin_world)
    assert (code, report["status"], report["mode"]) == (200, status, "exchange")
    assert report["services"] == {
        "database": "connected", "redis": "connected", "auth": "live", "discord": "enabled",
        "exchange": {"connectionState": state or "offline", "connected": state == "active"},
        "exchanges": {"coinbase": {"connectionState": state or "offline", "connected": state == "active"}},
    }  # fmt: skip


def test_of_several_exchanges_it_speaks_of_each_and_is_as_well_as_the_worst(admin_world: World) -> None:
    binance = admin_world.beside()
    admin_world.report("active")
    binance.report("warming")
    admin_world.clock.advance(10)  # exchanges are remembered
    _, report = health(admin_world)
    well, ill = {"connectionState": "active", "connected": True}, {"connectionState": "warming", "connected": False}
    assert report["status"] == "degraded"
    assert report["services"]["exchanges"] == {"coinbase": well, "binance": ill}
    assert report["services"]["exchange"] == ill
    binance.report("active")
    admin_world.clock.advance(2)
    _, report = health(admin_world)
    assert (report["status"], report["services"]["exchange"]) == ("ok", well)


def test_one_exchange_that_is_chosen_is_the_only_one_that_its_health_speaks_of(make_world: MakeWorld) -> None:
    world = make_world(pipeline=True, exchange={"name": "binance", "id": 2})
    world.beside().report("active")
    _, report = health(world)
    assert (report["status"], set(report["services"]["exchanges"])) == ("ok", {"binance"})


def test_notices_are_enabled_where_every_notifier_runs(admin_world: World) -> None:
    def tree(*states: str) -> Any:
        children = [{"path": f"e/{n}/notifier", "id": "notifier", "state": state} for n, state in enumerate(states)]
        return {"path": "e", "id": "e", "state": "up", "children": children}

    said = []
    for states in (("up", "up"), ("up", "parked")):
        admin_world.tree = lambda states=states: tree(*states)
        admin_world.clock.advance(2)
        said.append(health(admin_world)[1]["services"]["discord"])
    assert said == ["enabled", "disabled"]


def test_a_pipeline_elsewhere_does_not_make_this_process_unwell(world: World) -> None:
    world.report("warming")
    assert health(world)[1]["status"] == "ok"


def test_simulated_data_say_so(world: World) -> None:
    world.begin(simulated=True)
    assert health(world)[1]["simulated"] is True


def test_a_mode_of_its_own_is_shown(make_world: MakeWorld) -> None:
    assert health(make_world(mode="rehearsal"))[1]["mode"] == "rehearsal"


def test_without_sql_it_is_degraded_and_says_nothing_of_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise Transient("access denied for user livermore")

    monkeypatch.setattr(Database, "run", down)
    answer = world.ask("/health", key=None)
    assert (answer.status, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["services"] == {"database": "disconnected", "redis": "connected", "auth": "unavailable"}
    assert b"livermore" not in answer.body


def test_while_sql_is_down_it_says_that_keys_are_believed_from_memory_as_long_as_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "/public/v1/stream"
    assert world.ask(url).status == 426
    world.ask(url, key=api_keys.generate())
    run = Database.run

    def down(*_: object) -> None:
        raise Transient("SQL cannot answer")

    monkeypatch.setattr(Database, "run", down)
    said = []
    for _ in range(2):
        world.clock.advance(149)
        said.append((health(world)[1]["services"]["auth"], world.ask(url).status))
    world.clock.advance(2)
    said.append((health(world)[1]["services"]["auth"], world.ask(url).status))
    monkeypatch.setattr(Database, "run", run)
    world.clock.advance(1)
    said.append((health(world)[1]["services"]["auth"], world.ask(url).status))
    assert said == [("cached", 426), ("cached", 426), ("unavailable", 503), ("live", 426)]


@pytest.mark.parametrize("path", ["/public/v1/symbols", "/public/v1/stream"])
def test_a_key_that_nobody_can_check_is_told_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def down(*_: object) -> None:
        raise Transient("SQL cannot answer")

    monkeypatch.setattr(Database, "run", down)
    answer = world.ask(path)
    assert (answer.status, answer.json()["error"]["code"], answer.headers["retry-after"]) == (503, "UNAVAILABLE", "2")
    assert "www-authenticate" not in answer.headers
    assert world.ask(path, key="malformed").status == 401


def test_a_database_that_hangs_is_waited_for_briefly_and_asked_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, asked = threading.Event(), list[int]()
    monkeypatch.setattr("livermore.http.health.PATIENCE", 0.4)  # of Redis, too, on a busy machine

    def hang(*_: object) -> None:
        asked.append(1)
        free.wait(10)

    monkeypatch.setattr(Database, "run", hang)
    begin = time.monotonic()
    assert [health(world)[1]["status"] for _ in range(3)] == ["degraded"] * 3
    assert time.monotonic() - begin < 5
    assert len(asked) <= 2  # the probe, and the list of exchanges
    free.set()


def test_without_redis_it_is_down_quickly_and_well_again_when_that_is_back(database: DatabasePlace) -> None:
    with valkey() as server, a_world(server.place, database, Bounds()) as world:
        assert health(world)[0] == 200
        server.kill()
        world.clock.advance(2)
        begin = time.monotonic()
        status, report = health(world)
        assert (status, report["status"]) == (503, "down")
        assert report["services"] == {"database": "connected", "redis": "disconnected", "auth": "live"}
        assert time.monotonic() - begin < 5
        candles = world.ask("/public/v1/candles/coinbase/BTC-USD/1m")
        assert (candles.status, candles.json()["error"]["code"]) == (503, "UNAVAILABLE")
        assert int(candles.headers["retry-after"]) >= 1
        board = world.ask("/status.json", key=None).json()
        assert (board["status"], board["exchanges"]) == ("down", [])
        server.start()
        world.clock.advance(2)
        assert health(world)[0] == 200


def test_a_supervisor_that_does_not_answer_is_no_trouble(world: World) -> None:
    def silent() -> Any:
        raise TimeoutError("the supervisor does not answer")

    world.tree = silent
    status, report = health(world)
    assert (status, report["status"], report["children"]) == (200, "ok", {})


def test_however_many_ask_the_stores_are_asked_once_a_second(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run = Database.run

    def counted(database: Database, work: Callable[[Connection], object]) -> object:
        asked.append("sql")
        return run(database, work)

    health(world)
    world.clock.advance(20)
    monkeypatch.setattr(Database, "run", counted)
    for _ in range(5):
        health(world)
    assert len(asked) == 2  # the probe, and the list of exchanges that has grown old
    world.clock.advance(1)
    health(world)
    assert len(asked) == 3


def test_children_are_named_by_their_path(world: World) -> None:
    world.tree = lambda: {**TREE, "children": [{"path": "a/b", "id": "b", "state": "backoff", "children": []}]}
    assert health(world)[1]["children"] == {"a/b": "backoff"}
