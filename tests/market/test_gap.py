"""Tests of gaps: how they are joined, and what REST's answer makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.candle import Series
from livermore.market.gap import GIVE_UP, LONGEST, Cause, Gap, Verdict, joined, verdict
from livermore.market.timeframe import Timeframe
from tests.market.examples import MINUTE, NOON


def gap(
    first: int, last: int | None = None, cause: Cause = Cause.DISCONNECT, symbol: str = "A", *, traded: bool = False
) -> Gap:
    """Minutes since noon."""
    last = first if last is None else last
    return Gap(Series("x", symbol, Timeframe.M1), NOON + first * MINUTE, NOON + last * MINUTE, cause, traded)


def test_gaps_that_adjoin_are_one() -> None:
    assert joined([gap(2), gap(1), gap(3, 5)]) == [gap(1, 5)]


@pytest.mark.parametrize(
    "other",
    [gap(3), gap(2, cause=Cause.SILENCE), gap(2, symbol="B"), gap(2, traded=True)],
    ids=["apart", "another cause", "another series", "traded in"],
)
def test_others_are_not(other: Gap) -> None:
    assert sorted(joined([other, gap(1)])) == sorted([gap(1), other])


def test_none_is_longer_than_a_page_of_rest_can_answer() -> None:
    assert joined([gap(0, 699)]) == [gap(0, 299), gap(300, 599), gap(600, 699)]


@given(st.sets(st.tuples(st.integers(0, 2000), st.sampled_from("AB"), st.sampled_from(Cause)), max_size=60))
def test_joined_they_say_the_same(minutes: set[tuple[int, str, Cause]]) -> None:
    found = joined(gap(n, cause=cause, symbol=symbol) for n, symbol, cause in minutes)
    said = [(at, g.series.symbol, g.cause) for g in found for at in range(g.first, g.end, MINUTE)]
    assert sorted(said) == sorted((NOON + n * MINUTE, symbol, cause) for n, symbol, cause in minutes)
    assert all(g.first <= g.last < g.first + LONGEST * MINUTE for g in found)


def at(*minutes: int) -> list[int]:
    return [NOON + n * MINUTE for n in minutes]


def test_a_candle_in_it_repairs_a_gap() -> None:
    assert verdict(gap(1, 3), at(0, 2), NOON) is Verdict.REPAIRED


def test_one_without_trades_was_quiet() -> None:
    assert verdict(gap(1, 3), at(0, 4), NOON) is Verdict.NO_TRADES


def test_where_the_wire_has_seen_trades_rest_is_asked_again_until_it_is_given_up() -> None:
    seen = gap(1, traded=True)
    assert verdict(seen, at(0, 4), seen.end + GIVE_UP) is None
    assert verdict(seen, at(0, 4), seen.end + GIVE_UP + 1) is Verdict.UNREPAIRED
    assert verdict(seen, at(1), seen.end + GIVE_UP + 1) is Verdict.REPAIRED
