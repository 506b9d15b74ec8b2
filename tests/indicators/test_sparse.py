"""Tests that silence is no momentum: pairs that are hardly traded, and prices of any kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.indicators.bars import Bars
from livermore.indicators.macdv import Macdv
from tests.indicators.examples import bars
from tests.indicators.sparse import LEVEL, PAIRS, SEEDED, crossings, naive, ours, pair
from tests.indicators.test_recursion import ordinary, series_of

FARTHEST = 1_200
"""No path of prices leads farther: a jump moves the range that divides it, too. One jump while the averages are seeded
comes to 1,152; later, one comes to 1,056.
"""


@pytest.mark.parametrize("name", PAIRS)
def test_no_value_of_a_sparse_pair_explodes(name: str) -> None:
    value = ours(name)[SEEDED:]
    assert np.isfinite(value).all()
    assert np.abs(value).max() < 350
    assert np.quantile(np.abs(value), 0.9) < LEVEL


@pytest.mark.parametrize("name", PAIRS)
def test_candles_without_a_range_would_make_more_than_twice_the_crossings(name: str) -> None:
    assert crossings(naive(name)) > 2 * crossings(ours(name)) > 0
    assert np.abs(naive(name)[SEEDED:]).max() > 1.3 * np.abs(ours(name)[SEEDED:]).max()


@pytest.mark.parametrize("name", PAIRS)
def test_where_nothing_was_missing_for_long_both_are_the_same(name: str) -> None:
    some = pair(name)
    begun = int(np.flatnonzero(~some.observed)[0])
    assert begun > 0
    np.testing.assert_array_equal(ours(name)[:begun], naive(name)[:begun])


@pytest.mark.parametrize("silence", [1, 10, 60, 600])
@pytest.mark.parametrize("after", [0.5, 0.99, 1.01, 2.0])
def test_the_first_trade_after_a_silence_is_a_jump_and_no_more(silence: int, after: float) -> None:
    closes = [100 + np.sin(i / 5) for i in range(300)]
    closes += [closes[-1]] * silence + [closes[-1] * after] * 50
    some = bars(closes, observed=[i for i in range(len(closes)) if not 300 <= i < 300 + silence])
    value = Macdv().compute(some).value
    quiet = value[300 : 300 + silence]
    assert np.abs(quiet).max() <= np.abs(value[200:300]).max() * 1.5
    assert np.abs(value[300 + silence :]).max() < FARTHEST


@settings(deadline=None, max_examples=150)
@given(series_of(ordinary, most=120))
def test_no_path_of_prices_leads_to_infinity(some: Bars) -> None:
    value = Macdv().compute(some).value
    assert (np.abs(value[~np.isnan(value)]) < FARTHEST).all()


@pytest.mark.parametrize("jump", range(1, 60))
@given(st.integers(0, 30))
@settings(deadline=None, max_examples=5)
def test_a_single_jump_out_of_nothing_leads_as_far_as_anything_can(jump: int, silent: int) -> None:
    closes = [100.0] * jump + [200.0] * 90
    seen = [i for i in range(len(closes)) if not jump < i <= jump + silent]
    value = Macdv().compute(bars(closes, span=0.0, observed=seen)).value
    assert np.nanmax(np.abs(value)) < FARTHEST
