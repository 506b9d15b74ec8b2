"""Tests of what can be trusted of a REST answer: neither what it does not tell yet nor a candle that cannot be true."""

from livermore.market.candle import Candle, Series
from livermore.market.due import Page
from livermore.market.gap import GIVE_UP, Cause, Gap
from livermore.market.timeframe import Timeframe
from livermore.market.trust import LAG, reach, trusted
from tests.market.examples import MINUTE, NOON, candle

SERIES = Series("coinbase", "BTC-USD", Timeframe.M1)
PAGE = Page(SERIES, NOON, NOON + 4 * MINUTE)
NOW = PAGE.last + 2 * MINUTE


def sound(*minutes: int) -> list[Candle]:
    return [candle(NOON + n * MINUTE) for n in minutes]


def absurd(minute: int) -> Candle:
    return candle(NOON + minute * MINUTE, high="1")


def misaligned(minute: int) -> Candle:
    return candle(NOON + minute * MINUTE + 1_000)


def test_an_answer_without_fault_is_taken_as_it_is() -> None:
    found = sound(0, 2, 4)
    assert trusted(PAGE, found, NOW) == (PAGE, found, [], [])


def test_of_the_newest_buckets_nothing_is_settled_as_empty_before_answers_have_had_their_time() -> None:
    end = PAGE.last + MINUTE
    assert trusted(PAGE, sound(0, 2), end + LAG - 1).page == Page(SERIES, NOON, NOON + 3 * MINUTE)
    assert trusted(PAGE, sound(0, 2), end + LAG).page == PAGE
    assert trusted(PAGE, sound(0, 4), end).page == PAGE


def test_where_answers_about_others_tell_of_that_time_already_nothing_means_that_nothing_was_traded() -> None:
    end = PAGE.last + MINUTE
    assert trusted(PAGE, sound(0, 2), end, reach(sound(0, 4))).page == PAGE
    assert trusted(PAGE, sound(0, 2), end, reach(sound(0, 3))).page == Page(SERIES, NOON, NOON + 3 * MINUTE)


def test_a_larger_candle_does_not_show_how_far_answers_reach() -> None:
    assert reach([candle(NOON, timeframe=Timeframe.H1)]) == reach([]) == 0


def test_an_answer_that_tells_nothing_settles_what_is_long_over() -> None:
    newest = Page(SERIES, NOON, NOON)
    assert trusted(newest, [], NOON + MINUTE + LAG - 1).page is None
    assert trusted(newest, [], NOON + MINUTE + LAG).page == newest


def test_one_that_may_still_be_put_right_keeps_its_bucket_and_what_follows_unknown() -> None:
    for odd in (absurd(2), misaligned(2)):
        kept = trusted(PAGE, [*sound(0, 1), odd, *sound(3)], NOW)
        assert kept.page == Page(SERIES, NOON, NOON + MINUTE)
        assert kept.candles == sound(0, 1)
        assert (kept.refused, kept.lost) == ([odd], [])


def test_if_it_is_the_first_nothing_is_settled() -> None:
    assert trusted(PAGE, [absurd(0), *sound(1)], NOW).page is None


def test_in_the_end_it_is_given_up_and_the_rest_is_settled() -> None:
    late = NOON + 3 * MINUTE + GIVE_UP + 1
    lost = Gap(SERIES, NOON + 2 * MINUTE, NOON + 2 * MINUTE, Cause.QUARANTINED, traded=True)
    assert trusted(PAGE, [*sound(1), absurd(2), *sound(3)], late) == (PAGE, sound(1, 3), [absurd(2)], [lost])
