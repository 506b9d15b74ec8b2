"""Notices on the virtual-time world: a Discord that fails, a process that is killed, and people who ask."""

from collections import Counter
from functools import partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from livermore.errors import Transient
from livermore.net.interface import Response
from livermore.store import alerts, notices
from livermore.store.query import Query, command, nothing
from livermore.store.redis import RedisStore
from livermore.store.sql import Database
from livermore.store.tables import alert_history
from tests.notices.examples import LEVEL
from tests.support.ledger import Ledger
from tests.support.notices import alert_of, title_of
from tests.support.weather import Weather
from tests.support.world import World
from tests.system.conftest import MakeWorld


class Sulking(Weather):
    """A Discord that answers so; None: it cannot be reached."""

    def __init__(self, status: int | None) -> None:
        self.status = status
        self.tried = 0

    def posts(self) -> Response:
        self.tried += 1
        if self.status is None:
            raise Transient("discord.invalid cannot be reached")
        return Response(self.status, {}, b"")


def asked(world: World, query: Query[Any]) -> Any:
    store = RedisStore(world.redis)
    try:
        return store.run(query)
    finally:
        store.close()


def rows(world: World) -> dict[str, tuple[bool, str | None, bool]]:
    """Of every recorded alert: whether it was noticed, why not, and whether it was late."""
    t = alert_history.c
    database = Database(world.database)
    found = database.run(
        lambda c: list(c.execute(select(t.alert_id, t.notification_sent, t.notification_error, t.late)))
    )
    database.close()
    return {row[0]: (row[1], row[2], row[3]) for row in found}


def waiting(world: World) -> int:
    return int(asked(world, notices.waiting(world.keys, "discord")))


@pytest.mark.parametrize("status", [None, 503])
def test_a_discord_that_is_away_is_told_everything_once_when_it_is_back_also_after_a_kill(
    make_world: MakeWorld, status: int | None
) -> None:
    world = make_world(seed=1)
    world.weather = Sulking(status)
    world.boot()
    world.run_until(lambda: waiting(world) >= 2)
    assert world.notices == []
    world.kill()
    world.run(5)
    world.boot()
    world.run(60)
    assert waiting(world) >= 2
    assert not any(sent for sent, _, _ in rows(world).values())
    world.weather = Weather()
    world.run_until(lambda: waiting(world) == 0)
    world.run(10)
    told = Counter(map(alert_of, world.notices))
    assert set(told.values()) == {1}
    assert set(told) == {alert.id for alert in Ledger(world).alerts if not alert.late}
    assert all(row == (not row[2], None, row[2]) for row in rows(world).values())


def test_a_webhook_that_is_gone_gives_dead_letters_which_can_be_put_back(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.weather = Sulking(404)
    world.boot()
    world.run_until(lambda: asked(world, notices.count_dead(world.keys)) >= 2)
    world.run(10)
    dead = asked(world, notices.dead(world.keys))
    assert {(one.target, one.letter.error, one.letter.attempts) for _, one in dead} == {
        ("discord", "the answer is 404", 1)
    }
    errors = {error for _, error, late in rows(world).values() if not late}
    assert errors == {"discord: the answer is 404"}
    world.weather = Weather()
    for raw, one in dead:
        assert asked(world, notices.revive(world.keys, raw, one, world.clock.wall()))
    world.run(30)
    assert {one.letter.alert.id for _, one in dead} <= set(map(alert_of, world.notices))
    assert {rows(world)[one.letter.alert.id] for _, one in dead} == {(True, None, False)}


def test_a_late_alert_is_told_to_nobody(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.weather = Sulking(404)
    world.boot()
    world.run(30)
    for number, late in ((1, True), (2, False)):
        alert = msgspec.structs.replace(LEVEL, id=f"{number:032x}", late=late)
        entry = ["XADD", world.keys.outbox, "*", "kind", "alert", "data", msgspec.json.encode(alert)]
        asked(world, command(*entry, read=nothing))
    world.run(10)
    dead = {one.letter.alert.id for _, one in asked(world, notices.dead(world.keys))}
    assert f"{2:032x}" in dead
    assert f"{1:032x}" not in dead
    assert waiting(world) == 0
    assert asked(world, alerts.claim_pending(world.keys, "notifier", "notifier", 10)) == []
    assert rows(world)[f"{1:032x}"] == (False, None, True)


def test_a_test_reaches_every_target_and_is_answered(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.boot()
    world.run(30)
    results = partial(notices.test_results, world.keys)
    asked(world, notices.ask_for_test(world.keys, "test-1"))
    world.run_until(lambda: asked(world, results("test-1")), 30)
    assert asked(world, results("test-1")) == {"discord": "sent"}
    (notice,) = [one for one in world.notices if alert_of(one) == "test-1"]
    assert title_of(notice).startswith("[test] ")
    world.weather = Sulking(401)
    asked(world, notices.ask_for_test(world.keys, "test-2"))
    world.run_until(lambda: asked(world, results("test-2")), 30)
    assert asked(world, results("test-2")) == {"discord": "refused: the answer is 401"}
    assert "test-1" not in rows(world)


def test_what_a_target_that_is_gone_had_still_to_get_is_given_up(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.weather = Sulking(None)
    world.boot()
    world.run_until(lambda: waiting(world) >= 2)
    world.kill()
    world.options["notifier"] = {"charts": False, "targets": ()}
    world.boot()
    world.run(30)
    assert waiting(world) == 0
    assert asked(world, notices.targets(world.keys)) == set()
    told = {one.letter.error for _, one in asked(world, notices.dead(world.keys))}
    assert told == {"its target is not in the tree any more"}
    asked(world, notices.ask_for_test(world.keys, "test-1"))
    world.run_until(lambda: asked(world, notices.test_results(world.keys, "test-1")), 30)
    assert asked(world, notices.test_results(world.keys, "test-1")) == {"": "there is no target"}
