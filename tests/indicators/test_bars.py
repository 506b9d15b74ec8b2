"""Tests of bars: a grid without holes, filled with flat bars that were never traded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.indicators.bars import filled
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from tests.market.examples import NOON, SLP_1M, candle, series

places = st.lists(st.integers(0, 60), unique=True, min_size=1, max_size=30).map(sorted)


def at(places: list[int], timeframe: Timeframe) -> list[Candle]:
    """Candles in these places, each with prices of its own."""
    return [
        candle(NOON + i * timeframe.ms, timeframe, high=f"{200 + i}.5", low=f"{100 - i}.25", close=f"{150 + i}.125")
        for i in places
    ]


@given(places, st.sampled_from(Timeframe))
def test_a_hole_repeats_the_close_before_it(places: list[int], timeframe: Timeframe) -> None:
    candles = {c.open_time: c for c in at(places, timeframe)}
    expected, close = [], 0.0
    for open_time in range(min(candles), max(candles) + 1, timeframe.ms):
        one = candles.get(open_time)
        close = float(one.close) if one else close
        expected.append((open_time, *(map(float, (one.high, one.low)) if one else (close, close)), close, bool(one)))
    found = filled(list(candles.values()))
    columns = (found.open_time, found.high, found.low, found.close, found.observed)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected
    assert len(found) == len(expected)


def test_no_candles_make_no_bars() -> None:
    assert len(filled([])) == 0
    assert all(len(array) == 0 for array in (filled([]).high, filled([]).close, filled([]).observed))


def test_one_candle_makes_one_bar() -> None:
    assert filled([candle()]).observed.tolist() == [True]


@pytest.mark.parametrize("timeframe", Timeframe)
def test_the_grid_is_that_of_the_timeframe(timeframe: Timeframe) -> None:
    found = filled(at([0, 3], timeframe))
    assert np.diff(found.open_time).tolist() == [timeframe.ms] * 3


def test_a_sparse_recorded_pair_is_filled_without_a_hole() -> None:
    candles = series(SLP_1M, Timeframe.M1)
    found = filled(candles)
    assert len(candles) == found.observed.sum() == 14_521
    assert (np.diff(found.open_time) == 60_000).all()
    fills = np.flatnonzero(~found.observed)
    np.testing.assert_array_equal(found.close[fills], found.close[fills - 1])
    np.testing.assert_array_equal(found.high[fills], found.low[fills])
