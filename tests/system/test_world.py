"""Exchange mode on the virtual-time world: whatever happens, what is stored is what was traded."""

import random

import pytest

from tests.support.binance import Binance
from tests.support.coinbase import Coinbase
from tests.support.dialect import Dialect
from tests.support.ledger import Ledger
from tests.support.weather import Away, Weather
from tests.support.world import World
from tests.system.conftest import MakeWorld

PIPELINE = "coinbase/writer/pipeline"
ACTORS = [
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
LONG = 720
"""Seconds in which every actor can break once and the process be killed, before midnight comes after 585."""


def active(world: World) -> bool:
    return world.process is not None and all(world.process.state(path) == "up" for path in ACTORS)


def check(world: World) -> Ledger:
    """Everything that must hold once a world has come to rest."""
    ledger = Ledger(world)
    assert ledger.faults() == []
    for kind in ("candle_close", "candle_corrected"):
        assert not [told for told, count in ledger.told(kind).items() if count > 1], f"{kind} was told twice"
    assert ledger.told("candle_corrected").total() == 0, "the exchange never corrected itself"
    assert not [told for told, count in ledger.signals().items() if count > 1], "a signal was told twice"
    ids = ledger.alert_ids()
    assert set(ids.values()) <= {1}, "an alert was told twice"
    assert {alert.id for alert in ledger.alerts} == set(ids), "an alert is on the stream or in SQL, but not in both"
    return ledger


@pytest.mark.parametrize("dialect", [Coinbase(), Binance()], ids=["coinbase", "binance"])
def test_twelve_minutes_of_market_over_midnight_are_stored_exactly(make_world: MakeWorld, dialect: Dialect) -> None:
    world = make_world(seed=1, dialect=dialect)
    world.boot()
    world.run(LONG)
    ledger = check(world)
    assert {series.split(":")[1] for series, _ in ledger.told("candle_close")} == {"1m", "5m", "15m", "1h", "4h", "1d"}
    assert {series.split(":")[1] for series, _ in ledger.signals()} == {"1m", "5m", "15m", "1h", "4h", "1d"}
    assert len(world.notices) == len(ledger.alerts) >= 5


@pytest.mark.parametrize("seed", [2])
def test_breaking_any_actor_and_killing_the_process_changes_nothing_and_repeats_no_alert(
    make_world: MakeWorld, seed: int
) -> None:
    undisturbed = make_world(seed)
    undisturbed.boot()
    undisturbed.run(LONG)
    expected = check(undisturbed)
    undisturbed.kill()
    undisturbed.forget_everything()

    world, luck = make_world(seed), random.Random(seed)
    world.boot()
    world.run(60)
    for path in luck.sample(ACTORS, k=len(ACTORS)):
        world.run(luck.uniform(15, 55))
        world.run_until(lambda: active(world))
        world.crash(path)
    world.run_until(lambda: active(world))
    world.kill()
    world.run(5)
    world.boot()
    assert world.loop.seconds < LONG - 120
    world.run(LONG - world.loop.seconds)
    assert len(check(world).alert_ids() - expected.alert_ids()) == 0
    assert expected.alert_ids() - Ledger(world).alert_ids() == {}


def test_a_lost_connection_and_an_exchange_that_is_away_leave_no_hole(make_world: MakeWorld) -> None:
    world = make_world(seed=3)
    world.boot()
    for _ in range(3):
        world.run(77)
        world.hang_up()
    world.weather = Away()
    world.hang_up()
    world.run(150)
    world.weather = Weather()
    world.run(120)
    check(world)


def test_the_same_seed_gives_the_same_bytes(make_world: MakeWorld) -> None:
    runs = []
    for _ in range(2):
        world = make_world(seed=4)
        world.boot()
        world.run(150)
        world.crash(f"{PIPELINE}/exchange_feed")
        world.run(150)
        runs.append(Ledger(world).bytes())
        world.kill()
        world.forget_everything()
    assert runs[0] == runs[1]
