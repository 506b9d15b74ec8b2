"""Tests of resumption: what lies between what was known and what a new wire tells first."""

from livermore.market.candle import Series
from livermore.market.cursor import Cursor
from livermore.market.gap import Cause, Gap
from livermore.market.resumption import Resumption
from livermore.market.timeframe import Timeframe
from tests.market.examples import MINUTE, NOON

A, B = (Series("x", symbol, Timeframe.M1) for symbol in "AB")


def known(minutes_ago: int) -> Cursor:
    through = NOON - minutes_ago * MINUTE
    return Cursor(0, through, through)


def resumption(**ago: int) -> Resumption:
    cursors = {Series("x", symbol, Timeframe.M1): known(minutes) for symbol, minutes in ago.items()}
    return Resumption(cursors, 1_000, NOON, Cause.NOT_RUNNING)


def test_what_lies_between_was_missed() -> None:
    missed = Gap(A, NOON - 4 * MINUTE, NOON - MINUTE, Cause.NOT_RUNNING)
    assert resumption(A=5).gaps([(A, NOON)]) == [missed]


def test_each_series_is_resumed_once() -> None:
    one = resumption(A=5, B=3)
    assert [gap.series for gap in one.gaps([(A, NOON)])] == [A]
    assert [gap.series for gap in one.gaps([(A, NOON + 9 * MINUTE), (B, NOON)])] == [B]
    assert one.gaps([(A, NOON + 99 * MINUTE), (B, NOON + 99 * MINUTE)]) == []


def test_of_several_buckets_told_at_once_the_first_counts() -> None:
    (gap,) = resumption(A=5).gaps([(A, NOON + MINUTE), (A, NOON), (A, NOON + 2 * MINUTE)])
    assert gap.last == NOON - MINUTE


def test_one_that_joins_on_or_was_known_further_missed_nothing() -> None:
    assert resumption(A=1).gaps([(A, NOON)]) == []
    assert resumption(A=-5).gaps([(A, NOON)]) == []


def test_a_series_that_was_unknown_or_away_for_too_long_is_not_resumed() -> None:
    assert resumption(A=1_001).gaps([(A, NOON), (B, NOON)]) == []
    assert len(resumption(A=1_000).gaps([(A, NOON)])) == 1


def test_once_the_wire_is_heard_again_what_was_missed_is_known_at_once_and_the_rest_with_the_first_bucket() -> None:
    one = resumption(A=5)
    assert one.begin(NOON + 30_000) == [Gap(A, NOON - 4 * MINUTE, NOON - MINUTE, Cause.NOT_RUNNING)]
    assert one.gaps([(A, NOON + 2 * MINUTE)]) == [Gap(A, NOON, NOON + MINUTE, Cause.NOT_RUNNING)]


def test_where_nothing_was_missed_there_is_nothing_to_begin_with() -> None:
    one = resumption(A=1, B=-1)
    assert one.begin(NOON + 1) == []
    assert one.gaps([(A, NOON), (B, NOON)]) == []
