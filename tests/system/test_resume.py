"""Resuming as many clients do it, for real: two fronts, each a process behind a proxy, cut off and restarted."""

from pathlib import Path

import pytest

from livermore.store.settings import DatabasePlace
from tests.chaos.resuming import Resuming
from tests.support.valkey import Valkey

pytestmark = [pytest.mark.system, pytest.mark.timeout(200)]

SEED, CLIENTS, CUTS = 6, 50, 200


def test_fifty_clients_through_two_hundred_cuts_and_three_restarts_hear_every_event_once_and_in_order(
    empty_valkey: Valkey, sqlite: DatabasePlace, tmp_path: Path
) -> None:
    heard = Resuming(tmp_path, empty_valkey.place, sqlite, SEED).run(CLIENTS, CUTS)
    assert heard.events > 300
    assert heard.cuts >= CUTS
