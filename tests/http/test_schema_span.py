"""A front that is replaced before its database or after it answers all the same, and lets keys in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from tests.http.conftest import MakeWorld
from tests.http.world import PUBLIC, TOKEN
from tests.store import statements
from tests.support.candles import BTC
from tests.support.revisions import expand, go_back

PATHS = ("/exchanges", "/symbols", "/alerts", "/signals/coinbase", "/signals/coinbase/BTC-USD",
         f"/candles/coinbase/BTC-USD/{BTC.timeframe}")  # fmt: skip


def before(engine: Engine, _: Path) -> None:
    go_back(engine)


@pytest.mark.parametrize("change", [before, expand], ids=["one before", "one after"])
def test_a_front_answers_on_a_schema_beside_its_own(
    make_world: MakeWorld, database: DatabasePlace, tmp_path: Path, change: Callable[[Engine, Path], None]
) -> None:
    engine = make_engine(database)
    with engine.begin() as connection:
        for work in statements.WRITERS:
            work(connection)
    change(engine, tmp_path)
    engine.dispose()
    world = make_world(routes=(*PUBLIC, "admin", "admin_keys"), admin={"token": TOKEN})
    world.watch()
    for path in PATHS:
        world.get(path)
    assert len(world.get("/alerts")["data"]) == 1
    assert len(world.get("/symbols")["data"]) == 1
    world.stream().subscribe("alerts:*", snapshot=True)
    world.run(world.front.usage.write())
    (key,) = world.admin("/keys")
    assert (key["last_used_at"] is not None, key["requests_today"] > 0) == (True, True)
    assert world.get("/limits")["data"][0]["requests_today"] is not None
    audited = change is not before
    world.admin("/keys", method="POST", status=201 if audited else 503, name="another")
    assert len(world.admin("/keys")) == 1 + audited  # what cannot be written into the audit log is not done
    world.admin("/overview")
    world.admin(f"/alerts/{statements.ALERT.id}")
    health = world.ask("/health", key=None)
    assert (health.status, health.json()["status"]) == (200, "ok")
