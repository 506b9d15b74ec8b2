"""A night of ten minutes of the wall's, or of ``REAL_NIGHT`` minutes, with troubles on real sockets."""

import os
import time
from pathlib import Path
from statistics import median

import pytest

from livermore.store.settings import DatabasePlace
from tests.chaos.night import Recovery
from tests.chaos.real_night import SPEED, RealNight
from tests.soak.table import write

MINUTES = float(os.environ.get("REAL_NIGHT", "10"))
SEED, KILLS = 11, 2


@pytest.mark.timeout(2 * 3600)
def test_troubles_on_the_wire_all_night_and_two_deaths_lose_and_repeat_nothing(
    tmp_path: Path, sqlite: DatabasePlace
) -> None:
    begun = time.monotonic()
    night = RealNight(tmp_path, sqlite, SEED, MINUTES * 60, KILLS).run()
    about = (
        "Exchange mode and a public host as processes on one Valkey and SQLite, and two proxies between exchange mode "
        f"and the simulated exchange, one for its WebSocket and one for its REST service, at {SPEED} times the wall's "
        f"speed: {MINUTES:g} minutes of trouble, {len(night.recoveries)} times on either wire or on both, and "
        f"{KILLS} times the exchange process was killed meanwhile. After each, how many of the wall's seconds passed "
        "until every closed candle of every symbol and timeframe that the host serves was the one that was traded. In "
        f"the end each of {night.alerts} alerts stood once on the stream and once in SQL, and had been noticed. It "
        f"took {time.monotonic() - begun:.0f} s."
    )
    write("real_night", "A real night", about, ["trouble", "times", "median s", "longest s"], _rows(night.recoveries))


def _rows(recoveries: list[Recovery]) -> list[list[str]]:
    seconds: dict[str, list[float]] = {}
    for recovery in recoveries:
        assert recovery.seconds is not None
        seconds.setdefault(recovery.name, []).append(recovery.seconds)
    return [[name, str(len(s)), f"{median(s):.1f}", f"{max(s):.1f}"] for name, s in sorted(seconds.items())]
