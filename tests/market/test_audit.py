"""Tests of audits: what differs is found, and nothing else."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market import audit
from livermore.market.audit import SETTLED, Check, Holding
from livermore.market.candle import Candle
from livermore.market.cursor import LEAST_KEPT, Cursor
from livermore.market.due import Page
from livermore.market.rollup import roll_up
from livermore.market.timeframe import Timeframe
from tests.support.candles import BTC, T0, candle

MINUTE, FIVE = Timeframe.M1.ms, Timeframe.M5.ms
FIVES = BTC._replace(timeframe=Timeframe.M5)


def at(minute: int) -> int:
    return T0 + minute * MINUTE


def held(candles: Sequence[Candle], first: int = 0, last: int = 59) -> Holding:
    """Minutes that are known from one to another."""
    found = audit.holding(BTC, candles, Cursor(at(first), at(last), at(last)), at(last + 10))
    assert found is not None
    return found


def fives(candles: Sequence[Candle], first: int = 0, last: int = 55) -> Holding:
    found = audit.holding(FIVES, candles, Cursor(at(first), at(last), at(last)), at(last + 10))
    assert found is not None
    return found


WHOLE = Page(BTC, at(0), at(59))


def test_candles_that_are_equal_but_for_their_revision_match() -> None:
    stored = [msgspec.structs.replace(candle(n), revision=n) for n in range(60)]
    assert audit.with_rest(held(stored), WHOLE, [candle(n) for n in range(60)]) == (60, [])


@pytest.mark.parametrize("field", ["open", "high", "low", "close", "volume"])
def test_every_amount_is_compared(field: str) -> None:
    wrong = msgspec.structs.replace(candle(7), **{field: "3"})
    (found,) = audit.with_rest(held([wrong]), WHOLE, [candle(7)]).mismatches
    assert found == (BTC, at(7), Check.REST, wrong, candle(7))


def test_a_candle_that_is_missing_and_one_that_rest_does_not_know_are_told() -> None:
    found = audit.with_rest(held([candle(3)]), WHOLE, [candle(4)])
    assert [(m.open_time, m.stored, m.expected) for m in found.mismatches] == [
        (at(3), candle(3), None),
        (at(4), None, candle(4)),
    ]
    assert found.checked == 2
    assert str(found.mismatches[0]).endswith("Z rest: stored 100 100 100 100 1, expected none")


def test_what_is_not_known_yet_or_has_just_ended_is_left_alone() -> None:
    cursor = Cursor(at(0), at(59), at(59))
    assert audit.holding(BTC, [], None, at(60)) is None
    assert audit.holding(BTC, [], Cursor(at(59), at(59), at(59)), at(60)) is None
    settled = audit.holding(BTC, [], cursor, at(60) + SETTLED)
    unsettled = audit.holding(BTC, [], cursor, at(60) + SETTLED - 1)
    assert settled is not None
    assert unsettled is not None
    assert (settled.last, unsettled.last) == (at(59), at(58))
    assert audit.with_rest(unsettled, WHOLE, [candle(59)]) == (0, [])


def test_what_a_full_series_has_dropped_is_not_missing_but_the_first_candle_of_a_short_one_is() -> None:
    many = [candle(n) for n in range(100, 100 + LEAST_KEPT)]
    assert held(many, last=500).first == at(100)
    assert held(many[1:], last=500).first == at(0)
    assert audit.with_rest(held(many, last=500), WHOLE, [candle(n) for n in range(60)]) == (0, [])


def test_pages_cover_what_is_held_once() -> None:
    pages = held([], last=99).pages(30)
    assert [(p.first, p.last) for p in pages] == [(at(n), at(min(n + 29, 99))) for n in (0, 30, 60, 90)]
    assert held([], last=99).pages(30, newest=10) == [Page(BTC, at(90), at(99))]
    assert held([], last=4).pages(30, newest=10) == [Page(BTC, at(0), at(4))]


def test_a_roll_up_that_differs_makes_both_sides_doubtful() -> None:
    minutes = [candle(n) for n in range(10)]
    right = [roll_up(minutes[:5], Timeframe.M5), roll_up(minutes[5:], Timeframe.M5)]
    wrong = msgspec.structs.replace(right[1], volume="4")
    (found,) = audit.with_children(fives([right[0], wrong]), held(minutes), at(0), at(59)).mismatches
    assert (found.check, found.stored, found.expected) == (Check.ROLL_UP, wrong, right[1])
    assert found.doubtful == [Page(FIVES, at(5), at(5)), Page(BTC, at(5), at(9))]


def test_a_larger_candle_whose_smaller_ones_are_not_all_known_is_left_out() -> None:
    minutes = [candle(n) for n in range(3, 13)]
    report = audit.with_children(fives([]), held(minutes, first=3, last=12), at(0), at(59))
    assert [m.open_time for m in report.mismatches] == [at(5)]
    assert report.checked == 1


@given(st.sets(st.integers(0, 59)), st.sets(st.integers(0, 59)), st.integers(0, 59), st.integers(0, 59))
def test_what_is_stored_as_it_is_rolled_up_always_matches(
    traded: set[int], changed: set[int], first: int, last: int
) -> None:
    minutes = [candle(n, str(100 + n)) for n in sorted(traded)]
    groups = [[c for c in minutes if at(n) <= c.open_time < at(n + 5)] for n in range(0, 60, 5)]
    right = [roll_up(group, Timeframe.M5) for group in groups if group]
    assert audit.with_children(fives(right), held(minutes), at(first), at(last)).mismatches == []
    wrong = [msgspec.structs.replace(c, close="1") if (c.open_time - T0) // MINUTE in changed else c for c in right]
    found = audit.with_children(fives(wrong), held(minutes), at(first), at(last)).mismatches
    expected = [
        c.open_time for c, r in zip(wrong, right, strict=True) if c != r and at(first) <= c.open_time <= at(last)
    ]
    assert [m.open_time for m in found] == expected
