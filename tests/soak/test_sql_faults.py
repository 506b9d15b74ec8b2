"""A public host under load through dozens of faults of its SQL server, with what clients were answered as a table."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.chaos.sql_load import BACK, CACHED, CLIENTS, sql_load
from tests.soak.table import write

SEEDS = (1, 2, 3)
ROUNDS = 8
LENGTHS = {"killed": (0.2, 8.0), "hung": (0.5, 15.0), "restarted": (0.0, 0.0)}
"""The shortest and the longest of each kind, in seconds."""
OTHERS = ("exchanges", "symbols", "alerts", "new key")


@pytest.mark.timeout(3600)
def test_no_fault_of_sql_is_a_fault_of_ours(tmp_path: Path) -> None:
    rows = []
    for seed in SEEDS:
        chance = Random(seed)
        faults = [(kind, chance.uniform(*LENGTHS[kind])) for _ in range(ROUNDS) for kind in LENGTHS]
        chance.shuffle(faults)
        with sql_load(tmp_path / str(seed), seed, most_keys=20_000) as load:
            load.run(faults)
            assert load.faults_of_the_host() == [], f"seed {seed}\n{load.host.written()[-3000:]}"
            for fault in LENGTHS:
                counts = load.counts(fault)
                by_status = Counter[int]()
                for (_, status), number in counts.items():
                    by_status[status] += number
                good, told, bad_key = (by_status.pop(status, 0) for status in (200, 503, 401))
                cached, others = sum(counts[kind, 200] for kind in CACHED), by_status.total()
                longest = (load.longest(fault, *CACHED), load.longest(fault, *OTHERS), max(load.back[fault]))
                row = [str(seed), fault, str(ROUNDS), str(good), str(cached), str(told), str(bad_key), str(others)]
                rows.append(row + [f"{seconds:.2f}" for seconds in longest])
                print(rows[-1])
    about = (
        f"A public host as a process on Valkey and MariaDB; {CLIENTS} clients ask for candles, signals, exchanges, "
        "symbols and alerts, with keys that it knows and with new ones, while `mariadbd` is killed and started again "
        "after a while, stopped and let go on, and restarted. Counted is what was answered during each kind of fault. "
        "Nothing but 200 and 503 with Retry-After was, nobody with a good key was told 401, and candles and signals "
        "of known keys were never refused; keys and exchanges are looked up anew every 2 seconds. The last three "
        "columns are the slowest answers, and the longest time until all was served again once the server was back "
        f"(at most {BACK:g} s are allowed), in seconds."
    )
    header = ["seed", "fault", "times", "answered 200", "of those cached", "503", "401", "anything else",
              "slowest cached", "slowest other", "longest return"]  # fmt: skip
    write("sql_faults", "Faults of SQL under load", about, header, rows)
