"""Tests of the exchange's clock by ours."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.market.offset import SAMPLES, SET, SET_BACK, Offset
from tests.market.examples import NOON


def test_without_a_sample_it_is_our_clock() -> None:
    assert Offset().at(NOON) == NOON


def test_the_answer_is_read_as_of_half_way() -> None:
    offset = Offset()
    offset.sample(NOON, NOON + 200, NOON + 1_100)
    assert offset.ms == 1_000
    assert offset.at(NOON) == NOON + 1_000


def test_one_slow_answer_moves_nothing() -> None:
    offset = Offset()
    for received, theirs in ((10, 505), (10, 505), (9_000, 505), (10, 505), (10, 505)):
        offset.sample(NOON, NOON + received, NOON + theirs)
    assert offset.ms == 500


@given(st.lists(st.tuples(st.integers(0, SET_BACK // 2), st.integers(-2_000, 2_000)), max_size=30))
def test_it_never_goes_back_whatever_is_measured(steps: list[tuple[int, int]]) -> None:
    offset, now, before = Offset(), NOON, 0
    for passed, ahead in steps:
        now += passed
        offset.sample(now, now, now + ahead)
        reading = offset.at(now)
        assert reading >= before
        assert abs(reading - now) <= 2_000 + 2_000
        before = reading


@given(st.integers(-10_000_000, 10_000_000).filter(lambda by: abs(by) > SET), st.integers(0, 1_000))
def test_a_clock_that_was_set_is_believed_at_once_and_a_slow_answer_is_none(by: int, slow: int) -> None:
    offset = Offset()
    for _ in range(SAMPLES):
        offset.sample(NOON, NOON, NOON + 500)
    offset.sample(NOON, NOON + 2 * slow, NOON + 500 + slow)
    assert offset.ms == 500
    offset.sample(NOON, NOON, NOON + 500 + by)
    assert offset.ms == 500 + by


def test_a_clock_that_somebody_sets_back_is_followed() -> None:
    offset = Offset()
    offset.at(NOON)
    assert offset.at(NOON - SET_BACK) == NOON
    assert offset.at(NOON - SET_BACK - 1) == NOON - SET_BACK - 1
