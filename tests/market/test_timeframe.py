"""Tests of timeframes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.timeframe import MINUTE, Rolled, Timeframe

timeframes = st.sampled_from([*Timeframe, *Rolled])
moments = st.integers(-(10**13), 10**13)


def test_the_six_timeframes_have_their_names_and_lengths() -> None:
    assert {str(t): t.ms // MINUTE for t in Timeframe} == {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440}


def test_each_is_rolled_up_from_the_next_smaller_one() -> None:
    for child, parent in pairwise(Timeframe):
        assert parent.child is child
        assert child.parent is parent
        assert parent.ms % child.ms == 0
    assert Timeframe.M1.child is None
    assert Timeframe.D1.parent is None


def test_those_that_are_not_stored_are_made_of_the_largest_that_fits() -> None:
    assert {str(t): (t.ms // MINUTE, str(t.part)) for t in Rolled} == {
        "30m": (30, "15m"), "2h": (120, "1h"), "6h": (360, "1h"),
    }  # fmt: skip


@given(timeframes, moments)
def test_the_ceiling_is_the_first_bucket_that_does_not_open_before(timeframe: Timeframe | Rolled, at: int) -> None:
    ceiling = timeframe.ceiling(at)
    assert at <= ceiling < at + timeframe.ms
    assert ceiling % timeframe.ms == 0


@given(timeframes, moments)
def test_a_moment_lies_in_the_bucket_that_its_floor_opens(timeframe: Timeframe | Rolled, at: int) -> None:
    floor = timeframe.floor(at)
    assert floor <= at < floor + timeframe.ms
    assert floor % timeframe.ms == 0


@given(timeframes, moments)
def test_the_last_closed_bucket_is_over_and_the_next_is_not(timeframe: Timeframe | Rolled, at: int) -> None:
    last = timeframe.last_closed(at)
    assert last + timeframe.ms <= at < last + 2 * timeframe.ms


def test_a_bucket_is_over_at_its_very_end() -> None:
    assert Timeframe.M1.last_closed(120_000) == 60_000
    assert Timeframe.M1.last_closed(119_999) == 0


@pytest.mark.parametrize("word", ["2m", "1M", "", "1w", " 1m"])
def test_no_other_word_is_a_timeframe(word: str) -> None:
    with pytest.raises(ValueError):
        Timeframe(word)
