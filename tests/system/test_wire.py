"""Real processes with misbehaving proxies between us and the exchange: whatever the wire does, nothing is lost."""

from pathlib import Path

import pytest

from livermore.store.settings import DatabasePlace
from tests.chaos.real_night import TROUBLES, RealNight

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_troubles_on_the_wire_and_a_death_in_the_middle_of_one_lose_and_repeat_nothing(
    tmp_path: Path, sqlite: DatabasePlace
) -> None:
    night = RealNight(tmp_path, sqlite, seed=5, seconds=25, kills=1).run()
    assert {recovery.name.partition(",")[0] for recovery in night.recoveries} <= set(TROUBLES)
    assert any(recovery.name.endswith("killed") for recovery in night.recoveries)
