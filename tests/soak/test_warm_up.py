"""A hundred symbols are warmed up as fast as the exchange's limit allows, and a restart asks for hardly anything."""

import time

import pytest

from livermore.store.settings import DatabasePlace
from tests.soak.table import write
from tests.support.valkey import Valkey
from tests.system.test_warm_up import RATE, WideWorld, check

SYMBOLS = 100


@pytest.mark.timeout(1800)
def test_a_hundred_symbols_are_warmed_up(empty_valkey: Valkey, sqlite: DatabasePlace) -> None:
    world, begun = WideWorld(empty_valkey, sqlite, SYMBOLS), time.monotonic()
    try:
        found = check(world)
    finally:
        world.close()
    about = (
        f"Exchange mode on the virtual-time world, with an exchange that answers {RATE:g} requests a second: every "
        "series is warmed up, within a twentieth more time than its requests need at that rate; then the process is "
        "killed, and an hour later it is started again and asks for each minute's page once."
    )
    row = [str(SYMBOLS), str(found.asked), f"{found.took:.0f}", str(found.pages), f"{time.monotonic() - begun:.0f}"]
    write(
        "warm_up",
        "Warm-up",
        about,
        ["symbols", "requests", "virtual seconds", "pages after the restart", "wall seconds"],
        [row],
    )
