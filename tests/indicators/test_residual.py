"""Tests of `residual_bound`: what is left of the seeds' errors, which is all that is wrong with a value.

A recursion that began elsewhere takes the same bars, so each average's error shrinks by exactly its own share a bar.
The value is off by no more than what is left of these errors makes of it, each of them counted at the bound's share.
How many points that is depends on the market: `docs/soak/warm_up_of_indicators.md` tells how many it has been.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.indicators.bars import Bars
from livermore.indicators.macdv import Macdv, Options
from livermore.indicators.recursion import BARS, OBSERVED, PAST
from tests.indicators.examples import rest
from tests.indicators.test_recursion import ordinary, series_of
from tests.indicators.warming import BARS_SEEN, NAMES, READY_FROM, warmths

ROUNDING = 1e-9
ERROR_PER_RESIDUAL = 400.0
"""Points; more than has ever been measured."""


@pytest.mark.parametrize("name", NAMES)
def test_the_bound_holds_on_recorded_series(name: str) -> None:
    for warmth in warmths(name, 200):
        assert len(warmth.error) > 50
        assert (warmth.error <= warmth.bound + ROUNDING).all()
        assert (warmth.error <= ERROR_PER_RESIDUAL * warmth.residual + ROUNDING).all()
        assert warmth.residual == pytest.approx((25 / 26) ** (warmth.bars - 26))


@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_is_ready_is_right_and_one_that_is_published_is_nearly_so(name: str) -> None:
    found = {warmth.bars: warmth for warmth in warmths(name, 200)}
    assert set(found) == set(BARS_SEEN)
    ready, early = found[READY_FROM], found[BARS_SEEN[0]]
    assert not ready.wrong.any()
    assert ready.error.max() < 0.1
    assert 0.1 < np.median(early.error) < 5
    assert early.wrong.mean() < 0.1


@settings(deadline=None, max_examples=60)
@given(series_of(ordinary, most=90), st.integers(1, 20))
def test_no_average_is_further_off_than_the_bounds_share_of_its_seeds_error(some: Bars, begin: int) -> None:
    macdv = Macdv(Options(fast=2, slow=6, atr=4, signal=3))
    if begin >= len(some) or not some.observed[begin]:
        return
    whole, part = macdv.states(some)[:, begin:], macdv.states(rest(some, begin))
    counts = (part[BARS], part[BARS], part[OBSERVED])
    bounds = np.array([record["validity"]["residual_bound"] for record in macdv.records(part)])
    for row, (count, period) in enumerate(zip(counts, (2, 6, 4), strict=True)):
        settled = (count >= period) & (whole[OBSERVED] >= 4) & (part[OBSERVED] >= 4)
        if begin < 6 or not settled.any():
            continue
        seed = int(np.flatnonzero(count >= period)[0])
        off = np.abs(part[PAST + row] - whole[PAST + row])
        assert (off[settled] <= bounds[settled] * off[seed] + 1e-9).all()
