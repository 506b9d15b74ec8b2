"""Real processes at ten times the speed, whose actors are broken one by one and which are killed: nothing is lost."""

import random
from pathlib import Path

import pytest

from livermore.clock import AffineClock
from livermore.market.alert import PublicAlert
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from livermore.store import alert_history
from livermore.store.events import START, after
from livermore.store.keys import Keys
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.support.comparison import differences
from tests.support.notices import alert_of, tells_of_an_alert
from tests.support.processes import Exchange, Livermore, until, until_none
from tests.support.site import make_site
from tests.support.valkey import valkey

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

PIPELINE = "coinbase/writer/pipeline"
ACTORS = [
    "http_front",
    "coinbase/delivery/notifier",
    "coinbase/delivery/alert_recorder",
    "coinbase/writer/instance",
    f"{PIPELINE}/alert_evaluator",
    f"{PIPELINE}/indicator_calculator",
    f"{PIPELINE}/boundary_poller",
    f"{PIPELINE}/auditor",
    f"{PIPELINE}/sweeper",
    f"{PIPELINE}/position_keeper",
    f"{PIPELINE}/exchange_feed",
    f"{PIPELINE}/symbol_source",
]


def whole(process: Livermore) -> bool:
    return all(process.states().get(path) == "up" for path in ACTORS)


def run_with_faults(folder: Path, sqlite: DatabasePlace, seed: int, minutes: float, symbols: int) -> int:
    """Run for so many minutes of market, breaking every actor and killing the process once; then compare everything.

    Gives the number of alerts.
    """
    luck = random.Random(seed)
    with valkey() as redis:
        site = make_site(folder, redis.place, sqlite, speed=10)
        clock, market = AffineClock.from_text(site.clock), Market(seed, made(symbols))
        exchange = Exchange(folder, site.clock, options=("--seed", str(seed), "--symbols", str(symbols)))
        variables = site.variables | exchange.variables()
        pipeline = Livermore("exchange", folder, variables, hooks=True)
        host = Livermore("pw-host", folder, site.variables)
        try:
            pipeline.wait_until_ok()
            begun = clock.now()
            moments = sorted(begun + luck.uniform(0.05, 0.75) * minutes * 60_000 for _ in ACTORS)
            for moment, path in zip(moments, luck.sample(ACTORS, k=len(ACTORS)), strict=True):
                until(
                    lambda at=moment: clock.now() >= at and whole(pipeline), f"the tree to be whole (seed {seed})", 600
                )
                pipeline.break_(path)
            until(lambda: whole(pipeline), f"a whole tree (seed {seed})")
            pipeline.kill()
            pipeline = Livermore("exchange", folder, variables)
            pipeline.wait_until_ok()
            until(lambda: clock.now() >= begun + minutes * 60_000, "the end of the run", 600)
            until_none(lambda: differences(host, site.key, market, clock.now()), "the last hole to be repaired", 20)
            return check_alerts(RedisStore(redis.place), Database(sqlite), exchange, seed)
        finally:
            for process in (host, pipeline, exchange):
                process.end()


def check_alerts(store: RedisStore, database: Database, exchange: Exchange, seed: int) -> int:
    """Each alert stands once on the stream and once in SQL, and was told at least once. Gives their number."""

    def told() -> list[str]:
        found = [event.data for event in store.run(after(Keys(1), START, 1_000_000)) if event.kind == "alert"]
        return [data.partition(b'"id":"')[2][:32].decode() for data in found]

    def recorded() -> list[PublicAlert]:
        rows = database.run(lambda c: alert_history.page(c, alert_history.Filter(), 1_000_000))
        return [alert for _, alert in rows]

    def notified() -> bool:
        noticed = set(map(alert_of, filter(tells_of_an_alert, exchange.notices())))
        return all(alert.late or alert.id in noticed for alert in recorded())

    until(lambda: {alert.id for alert in recorded()} == set(told()), f"every alert to be recorded (seed {seed})", 20)
    until(notified, f"every alert that is not late to be notified (seed {seed})", 20)
    ids = told()
    assert ids, "nothing was raised: the test would prove nothing"
    assert len(ids) == len(set(ids)), f"an alert was raised twice (seed {seed})"
    store.close()
    database.close()
    return len(ids)


def test_breaking_every_actor_and_killing_the_process_loses_and_repeats_nothing(
    tmp_path: Path, sqlite: DatabasePlace
) -> None:
    run_with_faults(tmp_path, sqlite, seed=7, minutes=5, symbols=4)
