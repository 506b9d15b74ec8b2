"""Five wall minutes of both modes as real processes at ten times the speed, for several seeds."""

import time
from pathlib import Path

import pytest

from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from tests.soak.table import write
from tests.system.test_faults import ACTORS, run_with_faults

SEEDS = (1, 2, 3)
MINUTES = 50
"""Of market: five of the wall's."""
SYMBOLS = 12


@pytest.mark.timeout(3600)
def test_five_minutes_of_faults_lose_and_repeat_nothing(tmp_path: Path) -> None:
    rows = []
    for seed in SEEDS:
        folder, begun = tmp_path / str(seed), time.monotonic()
        folder.mkdir()
        place = DatabasePlace.model_validate({"url": f"sqlite:///{folder / 'livermore.db'}"})
        engine = make_engine(place)
        upgrade(engine)
        engine.dispose()
        alerts = run_with_faults(folder, place, seed, MINUTES, SYMBOLS)
        seconds = time.monotonic() - begun
        rows.append([str(seed), str(MINUTES), f"{seconds:.0f}", str(len(ACTORS) + 1), str(alerts), "0", "0"])
        print(rows[-1])
    about = (
        "Exchange mode and a public host as processes on one Valkey and SQLite, the simulated exchange beside them, "
        "at ten times the wall's speed. Every actor is broken once and the exchange process is killed once. Then every "
        "closed candle of every symbol and timeframe that the host serves is compared with what the exchange traded, "
        "and every alert on the stream with SQL and the webhook."
    )
    header = [
        "seed",
        "market minutes",
        "wall seconds",
        "faults",
        "alerts",
        "candles that differ",
        "alerts lost or doubled",
    ]
    write("processes", "Processes under faults", about, header, rows)
