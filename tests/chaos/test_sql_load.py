"""SQL is killed, hangs and is restarted while clients ask: a short sample of `tests/soak/test_sql_faults.py`."""

from pathlib import Path

import pytest

from tests.chaos.sql_load import BACK, CACHED, PATHS, sql_load, stage, started
from tests.support.processes import until

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


def test_a_host_that_is_started_while_sql_is_down_tells_to_come_back_and_serves_once_it_is_up(tmp_path: Path) -> None:
    with stage(most_keys=1) as on:
        on.server.kill()
        with started(tmp_path, on) as host:
            until(lambda: host.health()[0], "the host to listen")
            assert host.health()[1]["status"] == "degraded"
            for path in ("/exchanges", "/alerts", CACHED["candles"]):
                assert host.get(path, on.known[0])[0] == 503
            on.server.start()
            for path in ("/exchanges", "/alerts", CACHED["candles"]):
                until(lambda path=path: host.get(path, on.known[0])[0] == 200, f"{path}", BACK)
