"""What the alert rules knew may be lost with Redis, or not join on: it is rebuilt, and decides as before."""

from collections import Counter

import pytest
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


@pytest.mark.parametrize(("away", "late"), [(0, 0), (110, 0), (300, 1)])
def test_an_empty_redis_in_the_middle_changes_no_decision(make_world: MakeWorld, away: int, late: int) -> None:
    world = make_world(seed=5)
    world.boot()
    world.run(LONG)
    expected = recorded(world)
    assert len(expected) >= 10
    assert not any(expected.values())
    world.kill()
    world.forget_everything()

    world = make_world(seed=5)
    world.boot()
    world.run(BEFORE_A_MINUTE_ENDS)
    if away:
        world.kill()
    world.server.flush()
    world.run(away)
    if away:
        world.boot()
    world.run(LONG - world.loop.seconds)
    after = recorded(world)
    assert set(after) == set(expected)
    assert sum(after.values()) >= late
    notices = Counter(map(alert_of, world.notices))
    assert set(notices) == {id_ for id_, is_late in after.items() if not is_late}
    assert set(notices.values()) == {1}, "nobody is told again of what he was told of before"
    assert set(Ledger(world).alert_ids().values()) == {1}
