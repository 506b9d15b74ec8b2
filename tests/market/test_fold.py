"""Tests of the fold: one minute after the other is closed once, and as whole only if nothing in it can be missing."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.candle import Candle
from livermore.market.fold import Bucket, Doubts, TradeFold
from livermore.market.gap import Cause
from livermore.market.trade import Trade
from tests.market.examples import MINUTE, NOON, candle, trade

FIRST, SECOND, THIRD, FOURTH = (NOON + i * MINUTE for i in range(4))


def fold(*trades: Trade, since: int = FIRST) -> TradeFold:
    """A fold that has been listening since the first minute began, and was then told of trades.

    Number 0 was traded just before, as a snapshot told.
    """
    made = TradeFold("coinbase", "BTC-USD")
    made.add([trade(0, FIRST - 2)], snapshot=True)
    made.listening(since)
    made.add(trades)
    return made


def wholes(buckets: Sequence[Bucket]) -> list[bool]:
    return [bucket.whole for bucket in buckets]


def candles(buckets: Sequence[Bucket]) -> list[Candle | None]:
    return [bucket.candle for bucket in buckets]


# -- what a candle says


def test_the_first_trade_opens_the_last_closes_and_sizes_are_added_exactly() -> None:
    one = fold(
        trade(1, FIRST, "100", "0.1"),
        trade(2, FIRST + 10, "103.5", "0.2"),
        trade(3, FIRST + 20, "99.25", "0.00000001"),
        trade(4, SECOND - 1, "101", "3"),
    )
    assert one.close(SECOND) == [
        Bucket(FIRST, candle(FIRST, open="100", high="103.5", low="99.25", close="101", volume="3.30000001"))
    ]


def test_trades_count_in_the_order_of_their_numbers_whatever_their_order_in_a_frame() -> None:
    one = fold(trade(3, FIRST + 5, "3"), trade(1, FIRST + 5, "1"), trade(2, FIRST + 5, "2"))
    (bucket,) = one.close(SECOND)
    assert bucket.candle == candle(FIRST, open="1", high="3", low="1", close="3", volume="3")


def test_a_trade_belongs_to_the_minute_in_which_it_was_made() -> None:
    one = fold(trade(1, SECOND - 1, "1"), trade(2, SECOND, "2"))
    assert [c and c.close for c in candles(one.close(THIRD))] == ["1", "2"]


def test_repeated_trades_count_once() -> None:
    one = fold(trade(1, FIRST), trade(2, FIRST + 1))
    one.add([trade(2, FIRST + 1), trade(1, FIRST), trade(3, FIRST + 2)])
    assert candles(one.close(SECOND)) == [candle(FIRST, volume="3")]


@given(st.sets(st.integers(1, 11)), st.randoms())
def test_it_makes_no_difference_how_trades_are_cut_into_frames(cuts: set[int], random: Random) -> None:
    tape = [trade(i, FIRST + i * 7_000, str(100 + i * 37 % 11)) for i in range(12)]
    one = fold()
    for first, last in pairwise([0, *sorted(cuts), 12]):
        frame = tape[max(0, first - random.randint(0, 3)) : last]
        random.shuffle(frame)
        one.add(frame)
    assert one.close(THIRD) == fold(*tape).close(THIRD)


# -- when a minute is over


def test_a_minute_is_closed_at_its_very_end_and_once() -> None:
    one = fold(trade(1, FIRST))
    assert one.close(SECOND - 1) == []
    assert wholes(one.close(SECOND)) == [True]
    assert one.close(SECOND) == []


def test_minutes_are_closed_oldest_first_with_none_left_out() -> None:
    one = fold(trade(1, FIRST), trade(2, THIRD))
    assert [bucket.open_time for bucket in one.close(FOURTH + MINUTE - 1)] == [FIRST, SECOND, THIRD]


def test_a_minute_without_trades_is_known_to_be_empty() -> None:
    assert fold().close(THIRD) == [Bucket(FIRST), Bucket(SECOND)]


def test_nothing_is_closed_before_the_subscription_is_known() -> None:
    one = TradeFold("coinbase", "BTC-USD")
    one.add([trade(1, FIRST)])
    assert one.close(FOURTH) == []


def test_a_late_trade_does_not_reopen_a_closed_candle() -> None:
    one = fold(trade(1, FIRST))
    (closed,) = one.close(SECOND)
    assert one.add([trade(2, SECOND - 1, "7"), trade(3, SECOND, "8")]) == Doubts(late={FIRST})
    assert closed.candle == candle(FIRST)
    assert one.close(THIRD) == [Bucket(SECOND, candle(SECOND, open="8", high="8", low="8", close="8"))]


def test_trades_from_before_the_first_minute_of_all_are_no_late_ones() -> None:
    one = fold(since=SECOND)
    assert one.add([trade(1, FIRST), trade(2, SECOND)], snapshot=True) == Doubts()
    assert [bucket.open_time for bucket in one.close(THIRD)] == [SECOND]


# -- what makes a minute whole


def test_a_minute_that_was_joined_in_its_middle_is_a_hole() -> None:
    one = fold(trade(7, FIRST + 2), trade(8, SECOND), since=FIRST + 1)
    assert one.close(THIRD) == [Bucket(FIRST, cause=Cause.NOT_RUNNING, traded=True), Bucket(SECOND, candle(SECOND))]


def test_a_minute_that_was_joined_at_its_first_moment_is_whole() -> None:
    assert wholes(fold(trade(1, FIRST + 2), since=FIRST).close(SECOND)) == [True]


def test_a_trade_of_the_minute_before_shows_that_the_minute_was_seen_from_its_first_moment() -> None:
    one = fold(trade(6, FIRST - 1), trade(7, FIRST + 2), since=FIRST + 1)
    assert wholes(one.close(SECOND)) == [True]


def test_a_trade_of_the_first_moment_does_not_show_it_for_there_may_be_others_of_that_moment() -> None:
    one = fold(trade(6, FIRST), trade(7, FIRST + 2), since=FIRST + 1)
    assert wholes(one.close(SECOND)) == [False]


def test_a_snapshot_may_come_before_the_subscription_is_known() -> None:
    one = TradeFold("coinbase", "BTC-USD")
    one.add([trade(1, FIRST - MINUTE), trade(2, FIRST - 1), trade(3, FIRST + 5)], snapshot=True)
    one.listening(FIRST + 6)
    one.add([trade(4, FIRST + 7)])
    assert one.close(SECOND) == [Bucket(FIRST, candle(FIRST, volume="2"))]


def test_a_missing_number_makes_holes_up_to_the_trade_after_it() -> None:
    one = fold(trade(1, FIRST), trade(3, THIRD), trade(4, FOURTH))
    assert wholes(one.close(FOURTH + MINUTE)) == [False, False, False, True]


def test_a_missing_number_within_one_frame_is_missed_too() -> None:
    one = fold(trade(1, FIRST), trade(2, FIRST + 1), trade(4, FIRST + 2), trade(5, SECOND))
    assert wholes(one.close(THIRD)) == [False, True]


def test_trades_missing_without_any_warning_cast_doubt_on_minutes_that_were_closed_since_the_last_trade() -> None:
    one = fold(trade(1, FIRST), trade(2, SECOND + 1))
    assert wholes(one.close(FOURTH)) == [True, True, True]
    assert one.add([trade(4, FOURTH)]) == Doubts(missing={SECOND, THIRD})


def test_minutes_before_the_first_of_all_are_not_in_doubt() -> None:
    one = TradeFold("coinbase", "BTC-USD")
    one.add([trade(1, FIRST)], snapshot=True)
    one.listening(THIRD)
    one.close(FOURTH)
    assert one.add([trade(3, FOURTH)]) == Doubts(missing={THIRD})


def test_trades_missing_after_a_warning_do_so_too_for_the_exchange_may_have_fallen_silent_long_before() -> None:
    one = fold(trade(1, FIRST))
    assert wholes(one.close(THIRD)) == [True, True]
    one.interrupted(Cause.DISCONNECT)
    one.listening(THIRD + 1)
    assert one.add([trade(4, THIRD + 2)]) == Doubts(missing={FIRST, SECOND}, cause=Cause.DISCONNECT)
    assert wholes(one.close(FOURTH)) == [False]


def test_before_any_trade_was_told_nobody_knows_whether_there_are_none() -> None:
    one = TradeFold("coinbase", "BTC-USD")
    one.listening(FIRST)
    assert wholes(one.close(SECOND)) == [False]
    one.add([trade(5, SECOND + 1)])
    assert wholes(one.close(FOURTH)) == [False, True]


def test_a_jump_is_taken_to_have_happened_just_before_the_trade_that_shows_it() -> None:
    one = fold(trade(1, FIRST))
    one.close(SECOND)
    one.interrupted(Cause.DISCONNECT)
    one.listening(SECOND)
    one.add([trade(3, THIRD + 5)])
    assert wholes(one.close(FOURTH + MINUTE)) == [False, False, True]


def test_what_a_snapshot_adds_to_closed_minutes_was_missing_and_did_not_only_come_late() -> None:
    one = fold(trade(1, FIRST))
    one.close(THIRD)
    one.interrupted(Cause.SILENCE)
    late = one.add([trade(2, SECOND), trade(1, FIRST)], snapshot=True)
    assert late == Doubts(missing={SECOND}, cause=Cause.SILENCE)


# -- interruptions


def test_while_nothing_is_heard_minutes_are_holes() -> None:
    one = fold(trade(1, FIRST))
    one.interrupted(Cause.DISCONNECT)
    assert wholes(one.close(THIRD)) == [False, False]


def test_a_minute_that_began_after_an_interruption_is_whole() -> None:
    one = fold(trade(1, FIRST))
    one.interrupted(Cause.DISCONNECT)
    one.listening(SECOND + 1)
    assert wholes(one.close(FOURTH)) == [False, False, True]


def test_a_second_interruption_undoes_what_was_heard_of_the_first() -> None:
    one = fold(trade(1, FIRST))
    one.interrupted(Cause.DISCONNECT)
    one.listening(FIRST + 1)
    one.interrupted(Cause.DISCONNECT)
    assert wholes(one.close(THIRD)) == [False, False]


def test_what_was_listened_to_first_counts_although_it_is_said_again_later() -> None:
    one = fold()
    one.interrupted(Cause.DISCONNECT)
    one.listening(SECOND)
    one.listening(SECOND + 30_000)
    assert wholes(one.close(THIRD)) == [False, True]


def test_the_next_number_shows_that_an_interruption_lost_nothing() -> None:
    one = fold(trade(1, FIRST))
    one.interrupted(Cause.DISCONNECT)
    one.listening(FIRST + 30_000)
    one.add([trade(2, FIRST + 40_000)])
    assert one.close(SECOND) == [Bucket(FIRST, candle(FIRST, volume="2"))]


def test_a_number_beyond_the_next_shows_that_it_did() -> None:
    one = fold(trade(1, FIRST))
    one.interrupted(Cause.DISCONNECT)
    one.listening(FIRST + 30_000)
    one.add([trade(3, FIRST + 40_000)])
    assert wholes(one.close(THIRD)) == [False, True]


def test_a_snapshot_that_joins_on_counts_as_seen() -> None:
    one = fold(trade(1, FIRST))
    one.interrupted(Cause.DISCONNECT)
    one.add([trade(1, FIRST), trade(2, FIRST + 9), trade(3, FIRST + 10)], snapshot=True)
    assert one.close(SECOND) == [Bucket(FIRST, candle(FIRST, volume="3"))]


def test_a_snapshot_that_ends_with_our_newest_trade_shows_that_nothing_was_lost() -> None:
    one = fold(trade(1, FIRST), trade(2, FIRST + 1))
    one.interrupted(Cause.DISCONNECT)
    one.add([trade(1, FIRST), trade(2, FIRST + 1)], snapshot=True)
    assert wholes(one.close(SECOND)) == [True]


@pytest.mark.parametrize("told_again", [(1, 2), (1,), ()])
def test_an_older_trade_told_again_shows_nothing(told_again: tuple[int, ...]) -> None:
    one = fold(trade(1, FIRST), trade(2, FIRST + 1))
    one.interrupted(Cause.DISCONNECT)
    one.add([trade(number, FIRST + number - 1) for number in told_again], snapshot=told_again != (1, 2))
    assert wholes(one.close(SECOND)) == [False]


def test_a_snapshot_that_does_not_reach_back_makes_a_hole() -> None:
    one = fold(trade(1, FIRST))
    one.interrupted(Cause.DISCONNECT)
    one.add([trade(8, FIRST + 30_000), trade(9, SECOND)], snapshot=True)
    assert wholes(one.close(THIRD)) == [False, True]


# -- an exchange that counts anew


def test_numbers_that_begin_anew_are_followed() -> None:
    one = fold(trade(1_000, FIRST))
    one.add([trade(1, FIRST + 5, "7"), trade(2, SECOND, "8")])
    assert wholes(one.close(SECOND)) == [False]
    assert candles(one.close(THIRD)) == [candle(SECOND, open="8", high="8", low="8", close="8")]


def test_one_absurd_number_does_not_deafen_the_fold() -> None:
    one = fold(trade(1, FIRST), trade(10**17, FIRST + 1), trade(3, FIRST + 2), trade(4, SECOND))
    assert wholes(one.close(FOURTH)) == [False, True, True]


def test_a_trade_told_again_is_no_new_count_although_times_ran_backwards() -> None:
    one = fold(trade(1, FIRST + 9), trade(2, FIRST + 5))
    one.add([trade(1, FIRST + 9)])
    assert candles(one.close(SECOND)) == [candle(volume="2")]


# -- the candle in the making


def test_the_forming_candle_is_the_newest_unfinished_one() -> None:
    one = fold(trade(1, FIRST, "5"), trade(2, SECOND, "6"))
    assert one.forming() == candle(SECOND, open="6", high="6", low="6", close="6")
    one.close(THIRD)
    assert one.forming() is None


def test_what_was_traded_in_minutes_before_the_first_is_forgotten() -> None:
    one = TradeFold("coinbase", "BTC-USD")
    one.add([trade(1, FIRST), trade(2, SECOND), trade(3, THIRD)], snapshot=True)
    one.listening(THIRD + 1)
    assert set(one.partials) == {THIRD}
