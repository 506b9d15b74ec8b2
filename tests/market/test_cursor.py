"""Tests of cursors: how far a series is known, and when it lags behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.cursor import LEAST_KEPT, Cursor, age, is_stale
from livermore.market.timeframe import Rolled, Timeframe
from tests.market.examples import MINUTE, NOON


def test_the_stored_form_has_three_moments() -> None:
    assert Cursor.from_text("60000:180000:-60000") == Cursor(60_000, 180_000, -60_000)


@pytest.mark.parametrize("text", ["", "1", "1:2", "1:2:3:4", "a:b:c", "1:2:"])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Cursor.from_text(text)


@given(st.integers(-20, 20), st.integers(-20, 20), st.sampled_from(list(Timeframe)[1:3]))
def test_a_parent_can_be_rolled_up_exactly_when_each_child_is_known(since: int, length: int, parent: Timeframe) -> None:
    child = parent.child
    assert child is not None
    cursor = Cursor(NOON + since * child.ms, NOON + (since + length) * child.ms, 0)
    children = range(NOON, NOON + parent.ms, child.ms)
    assert cursor.holds(NOON, child, parent) == all(cursor.since <= at <= cursor.through for at in children)


@given(st.integers(-20, 20), st.integers(0, 20), st.sampled_from(list(Rolled)))
def test_a_bucket_that_is_not_stored_is_known_exactly_when_each_part_is(since: int, length: int, whole: Rolled) -> None:
    step = whole.part.ms
    cursor = Cursor(NOON + since * step, NOON + (since + length) * step, NOON + since * step)
    wide = range(NOON - 40 * whole.ms, NOON + 40 * whole.ms, whole.ms)
    known = [at for at in wide if cursor.since <= at and at + whole.ms - step <= cursor.through]
    found = cursor.rolled(whole)
    assert known == ([] if found is None else [at for at in wide if found.since <= at <= found.through])
    assert found is None or found.confirmed <= found.through


def test_what_is_known_but_no_longer_kept_is_not_known() -> None:
    cursor = Cursor(NOON, NOON + 500 * MINUTE, NOON)
    assert cursor.kept(LEAST_KEPT, NOON + MINUTE) == cursor._replace(since=NOON + MINUTE)
    assert cursor.kept(LEAST_KEPT, NOON - MINUTE) == cursor
    assert cursor.kept(LEAST_KEPT - 1, NOON + MINUTE) == cursor
    assert cursor.kept(0, None) == cursor


def test_the_age_counts_from_the_end_of_the_newest_bucket() -> None:
    assert age(NOON, Timeframe.M5, NOON + 5 * MINUTE + 1_999) == 1
    assert age(NOON, Rolled.M30, NOON + 29 * MINUTE) == 0


@pytest.mark.parametrize("timeframe", Timeframe)
def test_a_series_is_stale_two_buckets_and_ten_seconds_behind(timeframe: Timeframe) -> None:
    edge = NOON + 2 * timeframe.ms + 10_000
    assert not is_stale(NOON, timeframe, edge)
    assert is_stale(NOON, timeframe, edge + 1)


def test_a_series_that_is_not_known_at_all_is_stale() -> None:
    assert is_stale(None, Timeframe.M1, 0)
    assert not is_stale(NOON, Timeframe.M1, NOON + MINUTE)
