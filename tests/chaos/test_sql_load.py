"""SQL is killed, hangs and is restarted while clients ask: a short sample of `tests/soak/test_sql_faults.py`."""

from pathlib import Path

import pytest

from tests.chaos.sql_load import CACHED, PATHS, sql_load

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

SEED = 20
FAULTS = [("killed", 2.5), ("hung", 7.0), ("restarted", 0.0)]
"""Longer than keys and exchanges are believed, and than a server that hangs is waited for."""


def test_whatever_becomes_of_sql_known_keys_are_served_and_others_told_to_come_back(tmp_path: Path) -> None:
    with sql_load(tmp_path, SEED) as load:
        load.run(FAULTS)
        assert load.faults_of_the_host() == [], f"seed {SEED}\n{load.host.written()[-3000:]}"
        for fault in ("killed", "hung"):
            counts = load.counts(fault)
            for kind in CACHED:
                assert counts[kind, 200] > len(load.clients), f"seed {SEED}: {kind} while it is {fault}: {counts}"
            for kind in ("new key", "alerts", "symbols"):
                assert counts[kind, 503], f"seed {SEED}: {kind} while it is {fault}: {counts}"
        assert {one.kind for one in load.told} == set(PATHS)
