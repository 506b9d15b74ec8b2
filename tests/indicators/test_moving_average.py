"""Tests of the moving averages and the true range: small vectors, definitions, published values."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.indicators.bars import Bars, Floats
from livermore.indicators.moving_average import ema, wilder
from livermore.indicators.true_range import informative_atr, true_range
from tests.indicators.examples import bars
from tests.market.examples import rows
from tests.support.paths import recorded

NAN = float("nan")
prices = st.lists(st.integers(1, 10_000), max_size=40)
periods = st.integers(2, 12)


def test_ema_and_wilder_of_a_small_series() -> None:
    values = np.arange(10.0, 16.0)
    np.testing.assert_allclose(ema(values, 3), [NAN, NAN, 11, 12, 13, 14], rtol=1e-15)
    np.testing.assert_allclose(wilder(values, 3), [NAN, NAN, 11, 35 / 3, 112 / 9, 359 / 27], rtol=1e-15)


@given(prices, periods)
def test_averages_are_what_they_are_defined_to_be(values: list[int], period: int) -> None:
    for average, alpha in ((ema, Fraction(2, period + 1)), (wilder, Fraction(1, period))):
        exact: list[float] = [NAN] * min(period - 1, len(values))
        if len(values) >= period:
            held = Fraction(sum(values[:period]), period)
            exact.append(float(held))
            for value in values[period:]:
                held = held * (1 - alpha) + value * alpha
                exact.append(float(held))
        np.testing.assert_allclose(average(np.array(values, np.float64), period), exact, rtol=1e-12)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_values_have_no_average(count: int) -> None:
    assert np.isnan(ema(np.ones(count), 3)).all()
    assert len(wilder(np.ones(count), 3)) == count


def test_the_true_range_reaches_back_to_the_close_before() -> None:
    close = np.array([10.0, 20.0, 5.0, 5.0])
    four = Bars(
        np.arange(4), np.array([12.0, 21.0, 6.0, 9.0]), np.array([9.0, 19.0, 4.0, 4.5]), close, np.full(4, True)
    )
    assert true_range(four).tolist() == [3.0, 11.0, 16.0, 4.5]


def test_the_true_range_leaves_its_bars_as_they_are() -> None:
    some = bars([1.0, 5.0, 2.0])
    held = some.high.copy(), some.low.copy()
    true_range(some)
    np.testing.assert_array_equal((some.high, some.low), held)


@given(st.lists(st.tuples(st.integers(1, 1000), st.booleans()), min_size=1, max_size=40), periods)
def test_only_observed_bars_move_the_average_true_range(steps: list[tuple[int, bool]], period: int) -> None:
    observed = [i for i, (_, seen) in enumerate(steps) if seen or i == 0]
    closes: list[float] = []
    for i, (close, _) in enumerate(steps):
        closes.append(float(close) if i in observed else closes[-1])
    some = bars(closes, observed=observed)
    ranges = true_range(some)
    held = wilder(np.array([ranges[i] for i in observed]), period).tolist()
    expected = [held[sum(at <= i for at in observed) - 1] for i in range(len(steps))]
    np.testing.assert_array_equal(informative_atr(some, period), expected)


# -- published values of SPY, daily


def spy() -> Bars:
    found = list(rows("golden/spy_daily_502.csv"))
    high, low, close = (np.array([float(row[key]) for row in found]) for key in ("high", "low", "close"))
    return Bars(np.arange(len(found)), high, low, close, np.full(len(found), True))


def published(file: str, key: str) -> Floats:
    """A column of a published file, NaN where it has nothing."""
    entries = json.loads(recorded(f"golden/{file}.json").read_text())
    return np.array([NAN if entry[key] is None else entry[key] for entry in entries], np.float64)


def test_ema_is_the_published_one() -> None:
    np.testing.assert_allclose(ema(spy().close, 20), published("ema_20", "ema"), rtol=1e-9)


def test_macd_and_its_signal_line_are_the_published_ones() -> None:
    close = spy().close
    macd = ema(close, 12) - ema(close, 26)
    np.testing.assert_allclose(macd, published("macd_12_26_9", "macd"), rtol=1e-9, atol=1e-9)
    signal = np.append(np.full(25, NAN), ema(macd[25:], 9))
    np.testing.assert_allclose(signal, published("macd_12_26_9", "signal"), rtol=1e-9, atol=1e-9)


def test_true_range_and_its_average_are_the_published_ones_which_leave_out_the_first_bar() -> None:
    ranges = true_range(spy())
    np.testing.assert_allclose(ranges[1:], published("atr_14_wilder", "tr")[1:], rtol=1e-9)
    np.testing.assert_allclose(wilder(ranges[1:], 14), published("atr_14_wilder", "atr")[1:], rtol=1e-9)


def test_ours_counts_the_first_bar_which_is_forgotten_in_time() -> None:
    ours, theirs = informative_atr(spy(), 14), published("atr_14_wilder", "atr")
    assert not np.isnan(ours[13])
    assert np.isnan(theirs[13])
    assert abs(ours[14] - theirs[14]) > 1e-3
    np.testing.assert_allclose(ours[400:], theirs[400:], rtol=1e-9)
