"""Contract tests of faults and invariants: whatever file lies in their packages keeps the rules."""

import json
from itertools import pairwise
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from tests.chaos import faults, invariants, schedule
from tests.chaos.checker import all_invariants
from tests.chaos.fault import Fault, Setting, all_faults

SETTING = Setting(["BTC-USD", "SLP-USD"], ["coinbase/writer/pipeline/exchange_feed"])
FAULTS = all_faults()


def names_in(package: ModuleType) -> set[str]:
    folder = Path(str(package.__file__)).parent
    return {path.stem for path in folder.glob("*.py")} - {"__init__"}


def test_every_file_of_faults_has_one() -> None:
    assert set(FAULTS) == names_in(faults)
    assert len(FAULTS) >= 30


def test_every_file_of_invariants_has_one() -> None:
    assert set(all_invariants()) == names_in(invariants)


@pytest.mark.parametrize("kind", FAULTS.values(), ids=list(FAULTS))
def test_a_fault_can_be_made_of_what_it_has_drawn_once_that_was_kept_as_json(kind: type[Fault]) -> None:
    shortest, longest = kind.lasts
    assert 0 < shortest <= longest <= 900
    assert kind.apart <= set(FAULTS)
    for seed in range(20):
        arguments = kind.draw(Random(seed), SETTING)
        assert json.loads(json.dumps(arguments)) == arguments
        assert kind(Random(seed), **arguments).forbidden == []


@pytest.mark.parametrize("seed", range(5))
def test_a_schedule_can_be_written_and_read_and_is_the_same_for_the_same_seed(seed: int) -> None:
    made = schedule.make(seed, 3600, SETTING)
    assert schedule.read(schedule.write(made)) == made == schedule.make(seed, 3600, SETTING)
    assert made != schedule.make(seed + 1, 3600, SETTING)


@pytest.mark.parametrize("seed", range(5))
def test_the_faults_of_a_night_overlap_and_leave_it_a_quiet_end(seed: int) -> None:
    made = schedule.make(seed, 3600, SETTING)
    assert len(made) >= 40
    assert any(one.end > other.at for one, other in pairwise(made))
    assert max(entry.end for entry in made) <= 3600 - schedule.QUIET_AFTER + 0.1
    for entry in made:
        assert sum(other.name == entry.name for other in made) <= FAULTS[entry.name].most


def test_faults_that_are_to_stay_apart_do() -> None:
    for seed in range(20):
        made = schedule.make(seed, 3600, SETTING)
        for entry in made:
            apart = FAULTS[entry.name].apart | {entry.name}
            others = [other for other in made if other is not entry and other.name in apart]
            assert not [other for other in others if other.at < entry.end and entry.at < other.end]


def test_over_twenty_nights_every_fault_comes_at_least_ten_times() -> None:
    made = [entry.name for seed in range(20) for entry in schedule.make(seed, 3600, SETTING)]
    rare = {name: made.count(name) for name in FAULTS if made.count(name) < 10}
    assert rare == {}
