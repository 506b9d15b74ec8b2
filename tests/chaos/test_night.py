"""Sampled nights: short ones, with few symbols and every kind of fault that a night may have."""

from pathlib import Path

import pytest

from tests.chaos import schedule
from tests.chaos.nights import Plan, spend
from tests.support.valkey import Valkey

SYMBOLS = ("BTC-USD", "ADA-USD", "SLP-USD")
SECONDS = 480.0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_a_night_of_faults_everything_is_as_the_exchange_had_it(
    empty_valkey: Valkey, tmp_path: Path, seed: int
) -> None:
    plan = Plan(seed, SECONDS, symbols=SYMBOLS)
    night = spend(plan, empty_valkey, tmp_path, lambda _: None)
    options = f"--seed {seed} --minutes {SECONDS / 60:g} --symbols {','.join(SYMBOLS)} --schedule FILE"
    assert night.broken == [], f"replay by `python -m tests.chaos {options}`, of\n{schedule.write(night.entries)}"
    assert night.candles >= 8
