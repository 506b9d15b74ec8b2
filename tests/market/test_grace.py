"""Tests of the grace: as short as the late ones allow, and never longer than it may be."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.market.grace import LEARNT, LEAST, REMEMBERED, Grace
from tests.market.examples import MINUTE, NOON


def grace(*delays: int, most: int = 2_000) -> Grace:
    """One that has measured a delay in each of so many minutes."""
    made = Grace(most)
    for n, delay in enumerate(delays):
        made.measure(NOON + n * MINUTE, NOON + n * MINUTE + delay)
    return made


def test_at_first_it_is_as_long_as_it_may_be() -> None:
    assert grace().ms == 2_000
    assert grace(*[10] * (LEARNT - 1)).ms == 2_000


def test_then_it_is_half_as_long_again_as_the_slowest_news() -> None:
    assert grace(100, 400, 200, 100, 100).ms == 700


def test_it_is_never_shorter_than_what_gains_nothing_and_never_longer_than_it_may_be() -> None:
    assert grace(*[0] * LEARNT).ms == LEAST
    assert grace(*[9_000] * LEARNT).ms == 2_000


def test_one_slow_frame_lengthens_it_at_once_and_for_an_hour() -> None:
    delays = [100] * LEARNT + [1_000]
    assert grace(*delays).ms == 1_600
    assert grace(*delays, *[100] * (REMEMBERED - 1)).ms == 1_600
    assert grace(*delays, *[100] * REMEMBERED).ms == LEAST


def test_news_from_the_future_is_no_delay() -> None:
    assert grace(*[-500] * LEARNT).ms == LEAST


@given(st.lists(st.integers(0, 1_300), min_size=LEARNT))
def test_nothing_as_slow_as_the_slowest_comes_too_late(delays: list[int]) -> None:
    assert grace(*delays[-REMEMBERED:]).ms >= min(2_000, max(delays[-REMEMBERED:]))
