"""Days in which everything around alerts fails two hundred times, for as many seeds as ``DAYS`` says."""

import os
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.chaos import schedule
from tests.chaos.days import LONG, PER_DAY, SHORT, day
from tests.chaos.nights import Plan, Spent, spend
from tests.soak.table import write
from tests.support.valkey import valkey

SEEDS = range(1, 1 + int(os.environ.get("DAYS", "10")))
HOURS = float(os.environ.get("DAY_HOURS", "24"))
AGAIN = "short, again"
STYLES = {"short": SHORT, AGAIN: SHORT, "long": LONG}


@pytest.mark.timeout(24 * 3600)
def test_days_of_faults_lose_and_repeat_no_crossing() -> None:
    days: list[tuple[str, int, Spent]] = []
    asked = [("short", SEEDS[0]), (AGAIN, SEEDS[0])]
    asked += [("short", seed) for seed in SEEDS[1:]] + [("long", seed) for seed in SEEDS[:4]]
    begun = time.monotonic()
    with get_context("spawn").Pool(maxtasksperchild=1) as processes:
        for kind, seed, spent in processes.imap(_spend, asked, chunksize=1):
            days.append((kind, seed, spent))
            print(kind, seed, len(spent.entries), spent.alerts, spent.late, spent.broken, flush=True)
            _report(days, time.monotonic() - begun)
    broken = [_told(*one) for one in days if one[2].broken]
    assert not broken, "\n".join(broken)
    first, again = (spent.ids for kind, seed, spent in days if seed == SEEDS[0] and kind != "long")
    assert first == again, "the same seed gave other alerts"
    for kind, seed, spent in days:
        assert spent.alerts >= 500 * HOURS / 24, f"{kind} {seed}: {spent.alerts} crossings only"
        enough = PER_DAY / 2 if kind == "long" else PER_DAY  # long ones leave no room for more
        assert len(spent.entries) >= enough * HOURS / 24, f"{kind} {seed}: {len(spent.entries)} faults only"
        assert (spent.late > 0) == (kind == "long"), f"{kind} {seed}: {spent.late} late"


def _spend(asked: tuple[str, int]) -> tuple[str, int, Spent]:
    """A day in a process of its own, with a server of its own."""
    kind, seed = asked
    plan: Plan = day(seed, hours=HOURS, style=STYLES[kind])
    with valkey() as server, TemporaryDirectory() as folder:
        return kind, seed, spend(plan, server, Path(folder), lambda _: None)


def _told(kind: str, seed: int, spent: Spent) -> str:
    return f"{kind}, seed {seed}:\n" + "\n".join(spent.broken) + f"\n{schedule.write(spent.entries)}"


def _report(days: Sequence[tuple[str, int, Spent]], seconds: float) -> None:
    """What there is so far, so that a run that is interrupted leaves it."""
    about = (
        f"Exchange mode on the virtual-time world for {HOURS:g} hours of market over midnight, two symbols. Evaluator, "
        "calculator, recorder, notifier and instance fail or hang, Redis, SQL and whoever is told are away or "
        "answer into the void, the process is killed. In a short day no fault is as long as a timeframe; in a long one "
        "most are longer than what is fresh. Then the rules, written down once more, say over the candles that were "
        "traded what must have been raised: each crossing is to be one row, one event and at least one notice, but for "
        f"those found late, of which nobody is told. In {seconds:.0f} s."
    )
    rows = [
        [kind, str(seed), str(len(s.entries)), str(s.alerts), str(s.late), str(len(s.broken))] for kind, seed, s in days
    ]
    write("days", "Days of crossings", about, ["day", "seed", "faults", "crossings", "late", "violations"], rows)
