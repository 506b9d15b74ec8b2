"""What the alert rules knew may be lost with Redis, or not join on: it is rebuilt, and decides as before."""

from collections import Counter

from sqlalchemy import select

from livermore.store.sql import Database
from livermore.store.tables import alert_history
from tests.support.ledger import Ledger
from tests.support.notices import alert_of
from tests.support.world import World
from tests.system.conftest import MakeWorld

LONG = 900.0
BEFORE_A_MINUTE_ENDS = 283.0
"""Seconds of a world of nearly midnight."""


def recorded(world: World) -> dict[str, bool]:
    """The alerts in SQL: by id, whether they are late."""
    database = Database(world.database)
    columns = alert_history.c.alert_id, alert_history.c.late
    rows = database.run(lambda connection: connection.execute(select(*columns)).all())
    database.close()
    return dict(rows)


OUTAGES = [(0, 0), (110, 0), (300, 1)]
"""For how many seconds nobody was there, and how many alerts are late for it, at least."""


def test_an_empty_redis_in_the_middle_changes_no_decision(make_world: MakeWorld) -> None:
    world = make_world(seed=5)
    world.boot()
    world.run(LONG)
    expected = recorded(world)
    assert len(expected) >= 10
    assert not any(expected.values())
    for away, late in OUTAGES:
        world.kill()
        world.forget_everything()
        world = make_world(seed=5)
        interrupt(world, away)
        check(world, expected, late)


def interrupt(world: World, away: int) -> None:
    """Let it run, with an outage in its middle that leaves nothing in Redis."""
    world.boot()
    world.run(BEFORE_A_MINUTE_ENDS)
    if away:
        world.kill()
    world.server.flush()
    world.run(away)
    if away:
        world.boot()
    world.run(LONG - world.loop.seconds)


def check(world: World, expected: dict[str, bool], late: int) -> None:
    """The same alerts, so many of them late, and people told once of the others."""
    after = recorded(world)
    assert set(after) == set(expected)
    assert sum(after.values()) >= late
    notices = Counter(map(alert_of, world.notices))
    assert set(notices) == {id_ for id_, is_late in after.items() if not is_late}
    assert set(notices.values()) == {1}, "nobody is told again of what he was told of before"
    assert set(Ledger(world).alert_ids().values()) == {1}
