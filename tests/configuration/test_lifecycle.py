"""Tests of the lifecycle: the ways between its states and no others."""

from itertools import product

import pytest

from livermore.errors import LivermoreError
from livermore.lifecycle import Phase, check

WAYS = {
    "idle standby",
    "standby starting",
    "standby idle",
    "idle starting",
    "starting warming",
    "starting stopping",
    "starting idle",
    "warming active",
    "warming stopping",
    "warming idle",
    "active stopping",
    "stopping stopped",
    "stopped idle",
}


@pytest.mark.parametrize(("before", "after"), list(product(Phase, Phase)))
def test_there_are_thirteen_ways_and_no_others(before: Phase, after: Phase) -> None:
    if f"{before} {after}" in WAYS:
        check(before, after)
    else:
        with pytest.raises(LivermoreError, match=f"a pipeline that is {before} cannot become {after}"):
            check(before, after)


def test_every_state_can_be_reached_and_left() -> None:
    assert {way.split()[0] for way in WAYS} == {way.split()[1] for way in WAYS} == set(Phase)
