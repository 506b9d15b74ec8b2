"""Split brain ``SPLIT_BRAIN`` times over: instances that hang, die, are cut off, lose Redis, and whose clocks jump."""

import os
import time
from pathlib import Path

import pytest

from tests.chaos.split_brain import SPEED, TTL, SplitBrain
from tests.soak.table import write

EVENTS = int(os.environ.get("SPLIT_BRAIN", "300"))
SEED, SYMBOLS = 70, 6


@pytest.mark.timeout(4 * 3600)
def test_one_epoch_writes_at_a_time_whatever_happens(tmp_path: Path) -> None:
    begun = time.monotonic()
    lived = SplitBrain(tmp_path, SEED, EVENTS, SYMBOLS, lambda line: print(line, flush=True)).run()
    assert lived.epochs == sorted(set(lived.epochs))
    about = (
        f"Two instances of one exchange as processes that stand by for each other, on Valkey and MariaDB, "
        f"{SYMBOLS} symbols, at {SPEED} times the wall's speed, with a lease of {TTL:g} s. "
        f"{len(lived.epochs)} epochs wrote, none after a later one; in the end no candle and no crossing was missing, "
        f"wrong or doubled; people were told of {lived.alerts} alerts. It took {time.monotonic() - begun:.0f} s."
    )
    rows = [[name, str(times), *_takeovers(lived.takeovers, name)] for name, times in sorted(lived.events.items())]
    write("split_brain", "Split brain", about, ["what happens", "times", "next owner after (s): most, median"], rows)


def _takeovers(measured: dict[str, list[float]], name: str) -> list[str]:
    kinds = {
        "the owner hangs": "hung",
        "the owner is cut off": "cut off",
        "the owner is killed": "killed",
        "it is handed over": "handed over",
    }
    took = sorted(measured.get(kinds.get(name, ""), []))
    return [f"{took[-1]:.2f}, {took[len(took) // 2]:.2f}" if took else ""]
