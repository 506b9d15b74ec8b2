"""Sampled nights: short ones, with few symbols and every kind of fault that a night may have."""

from pathlib import Path

import pytest

from tests.chaos import schedule
from tests.chaos.nights import DIALECTS, Plan, spend
from tests.support.valkey import Valkey

BASES = ("BTC", "ADA", "SLP")
SECONDS = 480.0


@pytest.mark.parametrize(("exchange", "seed"), [("coinbase", 1), ("binance", 1)])
def test_after_a_night_of_faults_everything_is_as_the_exchange_had_it(
    empty_valkey: Valkey, tmp_path: Path, exchange: str, seed: int
) -> None:
    symbols = [f"{base}-{DIALECTS[exchange].quote}" for base in BASES]
    plan = Plan(seed, SECONDS, exchange, symbols)
    night = spend(plan, empty_valkey, tmp_path, lambda _: None)
    options = (
        f"--exchange {exchange} --seed {seed} --minutes {SECONDS / 60:g} --symbols {','.join(symbols)} --schedule FILE"
    )
    assert night.broken == [], f"replay by `python -m tests.chaos {options}`, of\n{schedule.write(night.entries)}"
    assert night.candles >= 8
