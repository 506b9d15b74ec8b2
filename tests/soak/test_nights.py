"""Nights of an hour with faults on every wire, for many seeds."""

import time
from pathlib import Path

import pytest

from tests.chaos import schedule
from tests.chaos.nights import HEADER, Plan, rows, spend
from tests.soak.table import write
from tests.support.valkey import Valkey

SEEDS = range(1, 21)


@pytest.mark.timeout(4 * 3600)
def test_nights_of_faults_leave_everything_as_the_exchange_had_it(valkey_server: Valkey, tmp_path: Path) -> None:
    recoveries, broken, faults, candles, alerts, begun = [], [], 0, 0, 0, time.monotonic()
    for seed in SEEDS:
        night = spend(Plan(seed), valkey_server, tmp_path, lambda _: None)
        recoveries += night.recoveries
        faults, candles, alerts = faults + len(night.entries), candles + night.candles, alerts + night.alerts
        if night.broken:
            broken.append(f"seed {seed}:\n" + "\n".join(night.broken) + f"\n{schedule.write(night.entries)}")
        print(seed, len(night.entries), night.candles, night.alerts, len(night.broken))
    about = (
        f"{len(SEEDS)} nights of an hour of market on the virtual-time world, with {faults} overlapping faults, "
        f"{candles} closed candles, {alerts} alerts, in {time.monotonic() - begun:.0f} s. {len(broken)} nights broke "
        "an invariant. How long it took from each fault's end until all that was over was stored as it was traded:"
    )
    write("nights", "Nights of faults", about, HEADER, rows(recoveries))
    assert not broken, "\n".join(broken)
