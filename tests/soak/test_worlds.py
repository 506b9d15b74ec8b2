"""Hours of market on the virtual-time world, for many seeds, with every kind of fault it has."""

import random
import time
from pathlib import Path

import pytest

from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from tests.soak.table import write
from tests.support.ledger import Ledger
from tests.support.site import NEARLY_MIDNIGHT
from tests.support.valkey import Valkey
from tests.support.weather import Away, Weather
from tests.support.world import World
from tests.system.test_world import ACTORS, active, check

SEEDS = range(100, 120)
SECONDS = 3600


def run(seed: int, server: Valkey, folder: Path) -> tuple[Ledger, int]:
    """One hour with a fault about every two minutes."""
    luck = random.Random(seed)
    place = DatabasePlace.model_validate({"url": f"sqlite:///{folder / f'{seed}.db'}"})
    engine = make_engine(place)
    upgrade(engine)
    engine.dispose()
    server.flush()
    world = World(seed, NEARLY_MIDNIGHT, server, place)
    world.boot()
    faults = 0
    while world.loop.seconds < SECONDS - 300:
        world.run(luck.uniform(60, 180))
        world.run_until(lambda: active(world))
        luck.choice([hang_up, kill, *[crash] * 6])(world, luck)
        faults += 1
    world.run_until(lambda: active(world))
    world.run(SECONDS - world.loop.seconds)
    ledger = check(world)
    world.close()
    return ledger, faults


def crash(world: World, luck: random.Random) -> None:
    world.crash(luck.choice(ACTORS))


def hang_up(world: World, luck: random.Random) -> None:
    """The exchange hangs up, and may be away for a while."""
    world.weather = Away()
    world.hang_up()
    world.run(luck.uniform(0, 60))
    world.weather = Weather()


def kill(world: World, luck: random.Random) -> None:
    """The process is killed and started again."""
    world.kill()
    world.run(luck.uniform(1, 20))
    world.boot()


@pytest.mark.timeout(7200)
def test_hours_of_market_with_faults_are_stored_exactly(valkey_server: Valkey, tmp_path: Path) -> None:
    rows = []
    for seed in SEEDS:
        begun = time.monotonic()
        ledger, faults = run(seed, valkey_server, tmp_path)
        candles, alerts = ledger.told("candle_close").total(), len(ledger.alerts)
        rows.append([str(seed), str(faults), str(candles), str(alerts), f"{time.monotonic() - begun:.0f}", "0"])
        print(rows[-1])
    about = (
        "Exchange mode on the virtual-time world for an hour of market over midnight: actors broken, connections lost, "
        "the exchange away for up to a minute, the process killed. Afterwards every stored candle equals what was "
        "traded, each candle, signal and alert was told once, and every alert stands in SQL."
    )
    write(
        "worlds",
        "Worlds under faults",
        about,
        ["seed", "faults", "candles", "alerts", "wall seconds", "violations"],
        rows,
    )
