"""Tests of liveness: silence is suspicious by what is usual, and only news ends it."""

import random

import pytest

from livermore.market.liveness import FIRST_GUESS, SUSPICIOUS, Liveness
from tests.market.examples import NOON

LEAST = 5_000


def busy(every: int, times: int = 200) -> tuple[Liveness[str], int]:
    """A channel that has spoken regularly; and the moment of its last news."""
    one, at = Liveness[str](LEAST), NOON
    for _ in range(times):
        at += every
        one.hear("A", at, at)
    return one, at


def test_a_busy_channel_is_suspected_after_the_least_silence_that_can_be() -> None:
    one, last = busy(100)
    assert one.silent(last + LEAST) == []
    assert one.silent(last + LEAST + 1) == ["A"]


def test_a_quiet_one_after_a_multiple_of_what_is_usual() -> None:
    one, last = busy(60_000)
    assert one.silent(last + SUSPICIOUS * 59_000) == []
    assert one.silent(last + SUSPICIOUS * 61_000) == ["A"]


def test_one_that_never_spoke_is_suspected_too() -> None:
    one = Liveness[str](LEAST)
    one.follow("A", NOON)
    assert one.silent(NOON + int(SUSPICIOUS * FIRST_GUESS)) == []
    assert one.silent(NOON + int(SUSPICIOUS * FIRST_GUESS) + 1) == ["A"]


def test_how_old_the_first_news_is_gives_a_first_idea_of_what_is_usual() -> None:
    one = Liveness[str](LEAST)
    one.hear("A", NOON - 100_000, NOON)
    assert one.silent(NOON + SUSPICIOUS * 100_000) == []
    assert one.silent(NOON + SUSPICIOUS * 100_000 + 1) == ["A"]


def test_old_values_said_again_are_no_news() -> None:
    one, last = busy(100)
    for n in range(100):
        one.hear("A", last - n % 3, last + 100 * n)
    assert one.silent(last + LEAST + 1) == ["A"]


def test_where_nothing_happened_so_much_silence_is_usual_and_the_next_question_comes_later() -> None:
    one, last = busy(100)
    now, asked = last, 0
    for _ in range(3_600):
        now += 1_000
        for channel in one.silent(now):
            one.acquit(channel, now)
            asked += 1
    assert asked <= 11
    assert one.pulses["A"].strikes == 0


def test_what_was_not_told_is_asked_about_again_and_counted_until_there_is_news() -> None:
    one, last = busy(100)
    now = last + LEAST + 1
    assert one.convict("A", now) == 1
    assert one.silent(now + LEAST) == []
    assert one.silent(now + LEAST + 1) == ["A"]
    assert one.convict("A", now + LEAST + 1) == 2
    one.hear("A", last + 1, now + LEAST + 2)
    assert one.silent(now + LEAST + 3) == []
    assert one.convict("A", now + 3 * LEAST) == 1


def test_one_that_is_not_followed_any_more_raises_no_alarm() -> None:
    one, last = busy(100)
    one.forget("A")
    one.forget("never followed")
    assert one.silent(last + 10**9) == []


@pytest.mark.parametrize("mean", [500, 10_000, 300_000])
def test_trades_at_random_moments_are_hardly_ever_suspected(mean: int) -> None:
    luck, one, at, alarms = random.Random(mean), Liveness[str](LEAST), NOON, 0
    for _ in range(3_000):
        gap = int(luck.expovariate(1 / mean)) + 1
        for channel in one.silent(at + gap - 1):
            one.acquit(channel, at + gap - 1)
            alarms += 1
        at += gap
        one.hear("A", at, at)
    assert alarms <= 20
