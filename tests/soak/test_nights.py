"""Nights of an hour with faults on every wire, on both exchanges, for as many seeds as ``NIGHTS`` says."""

import os
import time
from collections.abc import Sequence
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.chaos import schedule
from tests.chaos.nights import DIALECTS, HEADER, Plan, Spent, rows, spend
from tests.soak.table import write
from tests.support.valkey import valkey

SEEDS = range(1, 1 + int(os.environ.get("NIGHTS", "20")))
SYMBOLS = 15
"""Of each exchange."""


@pytest.mark.timeout(24 * 3600)
def test_nights_of_faults_leave_everything_as_the_exchange_had_it() -> None:
    nights: list[tuple[Plan, Spent]] = []
    begun = time.monotonic()
    plans = [Plan(seed, exchange=exchange, count=SYMBOLS) for seed, exchange in product(SEEDS, sorted(DIALECTS))]
    with get_context("spawn").Pool(maxtasksperchild=1) as processes:
        for plan, night in processes.imap(_spend, plans, chunksize=1):
            nights.append((plan, night))
            print(plan.exchange, plan.seed, len(night.entries), night.candles, night.alerts, night.broken, flush=True)
            _report(nights, time.monotonic() - begun)
    broken = [_told(plan, night) for plan, night in nights if night.broken]
    assert not broken, "\n".join(broken)


def _spend(plan: Plan) -> tuple[Plan, Spent]:
    """A night in a process of its own, with a server of its own."""
    with valkey() as server, TemporaryDirectory() as folder:
        return plan, spend(plan, server, Path(folder), lambda _: None)


def _told(plan: Plan, night: Spent) -> str:
    return f"{plan.exchange}, seed {plan.seed}:\n" + "\n".join(night.broken) + f"\n{schedule.write(night.entries)}"


def _invariants(night: Spent) -> str:
    return ", ".join(sorted({line.partition(":")[0] for line in night.broken}))


def _report(nights: Sequence[tuple[Plan, Spent]], seconds: float) -> None:
    """What there is so far, so that a run that is interrupted leaves it."""
    faults, candles, alerts = (
        sum(counts) for counts in zip(*((len(n.entries), n.candles, n.alerts) for _, n in nights), strict=True)
    )
    bad = [f"{plan.exchange} {plan.seed} ({_invariants(night)})" for plan, night in nights if night.broken]
    about = (
        f"{len(nights)} nights on the virtual-time world, each an hour of market over midnight with {SYMBOLS} symbols: "
        f"{faults} faults that overlap, {candles} closed candles, {alerts} alerts, in {seconds:.0f} s. Nights that "
        f"broke an invariant: {', '.join(bad) or 'none'}. How long it took from each fault's end until all that was "
        "over was stored as it was traded:"
    )
    table = [
        [exchange, *row]
        for exchange in sorted(DIALECTS)
        for row in rows(r for plan, night in nights if plan.exchange == exchange for r in night.recoveries)
    ]
    write("nights", "Nights of faults", about, ["exchange", *HEADER], table)
