"""The sweeper in the virtual world, on real stores: every kind goes, and what is in its way stops no other."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
import redis
from prometheus_client import REGISTRY

from livermore.errors import Transient
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import alert_history, audit_log, candles, notices, sweeping
from livermore.store.audit_log import Deed
from livermore.store.keys import Keys
from livermore.store.notices import Dead, Letter
from livermore.store.redis import RedisStore
from livermore.store.sql import Database
from livermore.sweeping.retention import Retention
from tests.store.test_alert_history import alert
from tests.support.virtual_process import OWNER
from tests.support.weather import Weather
from tests.support.world import World
from tests.system.conftest import MakeWorld

START = 1_700_000_000_000
HOUR, DAY = 3_600_000, 86_400_000
KEYS = Keys(1)
SWEEPER = "coinbase/writer/pipeline/sweeper"
MINUTES = Series("coinbase", "BTC-USD", Timeframe.M1)
KINDS = ["candles", "events", "activity", "dead_letters", "alerts", "audit", "crash_reports", "recordings"]
EVERY = 60.0


@pytest.fixture
def world(make_world: MakeWorld, tmp_path: Path) -> World:
    made = make_world(3, START)
    files = {name: {"folder": str(tmp_path / name), "kept": "90d"} for name in ("crash_reports", "recordings")}
    retention = Retention.model_validate({"candles": 350, "alerts": "1h", "activity": "60d", **files})
    made.options["sweeper"] = {"every": EVERY, "retention": retention}
    for name in files:
        (tmp_path / name).mkdir()
    return made


@pytest.fixture
def client(world: World) -> Iterator["redis.Redis[bytes]"]:
    with redis.Redis(unix_socket_path=str(world.server.socket)) as made:
        made.config_set("stream-node-max-entries", 1)
        yield made
        made.config_set("stream-node-max-entries", 100)


def leave_old(world: World, client: "redis.Redis[bytes]", folder: Path) -> None:
    """Something old of every kind, and something young."""
    client.xadd(KEYS.events, {"kind": "gap"}, id=f"{START - DAY - 1}-0")
    for at in (START - 61 * DAY, START - 59 * DAY):
        client.xadd("logs:network:coinbase", {"event": "error"}, id=f"{at}-0")
    for i, at in enumerate((START - 31 * DAY, START - 29 * DAY)):
        client.lpush(KEYS.notices("dead"), msgspec.json.encode(Dead("discord", at, Letter(alert(i), at))))
    database = Database(world.database)
    for i, at in enumerate((START - 400 * DAY, START - HOUR // 2)):
        made = alert(i, id=f"{i:032x}", candle_time=at - 60_000, triggered_at=at)
        database.run(partial(alert_history.record, exchange_id=1, alert=made))
    for at in (START - 366 * DAY, START - 364 * DAY):
        deed = Deed(at, "token", None, "somebody", "POST /admin/v1/keys", {}, "127.0.0.1", "r")
        database.run(partial(audit_log.begin, deed=deed))
    database.close()
    for at in (START - 91 * DAY, START - 89 * DAY):
        for name in (f"crash_reports/{at}-http_front-1.json", f"recordings/{at}.jsonl.gz"):
            (folder / name).write_text("x")
            os.utime(folder / name, (at / 1000, at / 1000))


def swept(kind: str) -> float:
    return REGISTRY.get_sample_value("livermore_retention_removed_total", {"exchange": "coinbase", "kind": kind}) or 0


def kept(kind: str, metric: str = "oldest_timestamp_seconds") -> float | None:
    return REGISTRY.get_sample_value(f"livermore_retention_{metric}", {"exchange": "coinbase", "kind": kind})


class NoSql(Weather):
    """The sweeper alone does not reach SQL."""

    def queries(self) -> None:
        if OWNER.get() == SWEEPER:
            raise Transient("SQL cannot be reached")


def test_of_every_kind_the_old_goes_and_the_young_stays_and_metrics_tell(
    world: World, client: "redis.Redis[bytes]", tmp_path: Path
) -> None:
    leave_old(world, client, tmp_path)
    before = {kind: swept(kind) for kind in KINDS}
    world.boot()
    world.run(200)
    store = RedisStore(world.redis)
    assert {kind: swept(kind) - before[kind] for kind in KINDS[1:]} == dict.fromkeys(KINDS[1:], 1)
    assert swept("candles") - before["candles"] > 0
    assert store.run(candles.count(KEYS, MINUTES)) in {350, 351}  # one more may have closed since
    assert kept("candles", "held") == 350
    assert [len([*(tmp_path / name).iterdir()]) for name in ("crash_reports", "recordings")] == [1, 1]
    assert kept("crash_reports") == kept("recordings") == (START - 89 * DAY) / 1000
    assert kept("activity") == (START - 59 * DAY) / 1000
    assert kept("dead_letters") == (START - 29 * DAY) / 1000
    assert kept("alerts") == (START - HOUR // 2) / 1000
    assert store.run(notices.count_dead(KEYS)) == 1
    assert store.run(sweeping.window(KEYS)).events == 86_400
    store.close()


def test_a_sweep_that_is_interrupted_is_made_whole_by_the_next_incarnation(
    world: World, client: "redis.Redis[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_old(world, client, tmp_path)
    monkeypatch.setattr(sweeping, "ENTRIES", 1)
    for i in range(50):
        client.xadd(KEYS.events, {"kind": "gap"}, id=f"{START - DAY + i}-0")
    world.boot()
    world.run_until(lambda: 0 < 51 - client.xlen(KEYS.events) < 40)
    world.crash(SWEEPER)
    world.run_until(lambda: client.xrange(KEYS.events, count=1)[0][0] > f"{START - DAY + 49}-0".encode(), EVERY * 3)
    world.run_until(lambda: client.xlen("logs:network:coinbase") > 0 and kept("recordings") is not None)


def test_a_store_that_cannot_answer_keeps_no_other_from_being_swept(
    world: World, client: "redis.Redis[bytes]", tmp_path: Path
) -> None:
    leave_old(world, client, tmp_path)
    (tmp_path / "recordings").rename(tmp_path / "elsewhere")
    before = {kind: swept(kind) for kind in KINDS}
    world.weather = NoSql()
    world.boot()
    world.run(100)
    gone = {kind: swept(kind) - before[kind] for kind in KINDS}
    assert (gone["events"], gone["alerts"], gone["recordings"], gone["crash_reports"]) == (1, 0, 0, 1)
    world.weather = Weather()
    world.run(100)
    assert swept("alerts") - before["alerts"] == 1


def test_a_clock_that_is_ahead_of_redis_removes_nothing(
    world: World, client: "redis.Redis[bytes]", tmp_path: Path
) -> None:
    leave_old(world, client, tmp_path)
    world.own_clock.skew = 200 * 365 * DAY
    before = {kind: swept(kind) for kind in KINDS}
    world.boot()
    world.run(200)
    assert {kind: swept(kind) for kind in KINDS} == before


def test_more_candles_than_are_stored_cannot_be_kept_and_that_stops_nobody_else(world: World) -> None:
    world.options["sweeper"] = {"retention": Retention(candles=1_001)}
    process = world.boot()
    world.run(60)
    assert process.state(SWEEPER) == "parked"
    others = [path for path in world.actors if path not in {SWEEPER, "http_front"}]
    assert {process.state(path) for path in others} == {"up"}
