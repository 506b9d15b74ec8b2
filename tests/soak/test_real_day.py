"""A day of real processes in which everything around alerts fails ``REAL_DAY`` times."""

import os
import time
from pathlib import Path

import pytest

from tests.chaos.real_day import SPEED, RealDay
from tests.soak.table import write

FAULTS = int(os.environ.get("REAL_DAY", "200"))
SEED, SYMBOLS = 21, 18


@pytest.mark.timeout(4 * 3600)
def test_real_faults_all_day_lose_and_repeat_no_crossing(tmp_path: Path) -> None:
    begun = time.monotonic()
    lived = RealDay(tmp_path, SEED, FAULTS, SYMBOLS, lambda line: print(line, flush=True)).run()
    about = (
        f"Exchange mode as a process on Valkey and MariaDB, {SYMBOLS} symbols listed, at {SPEED} times the wall's "
        f"speed; whoever is told stands behind a proxy. {lived.faults.total()} faults, each shorter than a timeframe. "
        f"Each of {lived.alerts} crossings, as the rules, written down once more, find them in what was traded, was "
        f"one row, one event and at least one notice; {lived.late} were found late, and nobody was told of those. "
        f"It took {time.monotonic() - begun:.0f} s."
    )
    rows = [[name, str(times)] for name, times in sorted(lived.faults.items())]
    write("real_day", "A real day", about, ["fault", "times"], rows)
