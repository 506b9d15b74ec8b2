"""Tests of what can be trusted of a REST answer: a candle that cannot be true keeps its bucket unknown, for a while."""

from livermore.market.candle import Candle, Series
from livermore.market.due import Page
from livermore.market.gap import GIVE_UP, Cause, Gap
from livermore.market.timeframe import Timeframe
from livermore.market.trust import trusted
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
