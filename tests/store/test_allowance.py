"""The allowance: whole requests out of one bucket that fills up evenly, by a clock that is told."""

import random

import pytest

from livermore.store import allowance
from livermore.store.keys import allowance as name_of
from livermore.store.query import command, integer
from livermore.store.redis import RedisStore

KEY = "0123456789ab"
NOW = 1_700_000_000_000


def draw(store: RedisStore, at: int = NOW, block: int = 30, per_minute: int = 300) -> tuple[int, float]:
    taken, left = store.run(allowance.draw(KEY, per_minute, block, at))
    return taken, left


def test_a_full_bucket_gives_blocks_until_it_is_empty(store: RedisStore) -> None:
    assert [draw(store) for _ in range(11)] == [(30, 270.0 - 30 * i) for i in range(10)] + [(0, 0)]


def test_it_fills_up_evenly_over_a_minute_and_gives_whole_requests(store: RedisStore) -> None:
    draw(store, block=300)
    assert draw(store, NOW + 100) == (0, 0.5)
    assert draw(store, NOW + 700) == (3, 0.5)
    assert draw(store, NOW + 700 + 59_900, block=300) == (300, 0)


def test_it_is_never_more_than_full(store: RedisStore) -> None:
    draw(store, block=1)
    assert draw(store, NOW + 3_600_000, block=1) == (1, 299)


def test_a_clock_that_is_a_little_behind_takes_nothing_away_and_gives_nothing(store: RedisStore) -> None:
    draw(store, block=300)
    assert draw(store, NOW - 10_000) == (0, 0)
    assert draw(store, NOW + 200) == (1, 0)


def test_a_clock_that_was_set_back_does_not_lock_a_key_out(store: RedisStore) -> None:
    draw(store, block=300)
    assert draw(store, NOW - 3_600_000) == (0, 0)
    assert draw(store, NOW - 3_600_000 + 1000) == (5, 0)


def test_another_limit_counts_at_once(store: RedisStore) -> None:
    draw(store, block=1)
    assert draw(store, per_minute=20, block=2) == (2, 18)


def test_a_bucket_that_is_full_again_is_forgotten(store: RedisStore) -> None:
    draw(store)
    assert 50_000 < store.run(command("PTTL", name_of(KEY), read=integer)) <= 60_000


@pytest.mark.parametrize("seed", range(3))
def test_over_any_time_it_gives_no_more_than_a_minute_s_worth_and_what_came_in(store: RedisStore, seed: int) -> None:
    source, at, given = random.Random(seed), NOW, 0
    for _ in range(200):
        at += source.choice([0, 1, 7, 333, 5_000, 61_000])
        given += draw(store, at, source.choice([1, 3, 30]))[0]
        assert given <= 300 + (at - NOW) * 300 / 60_000 + 0.001, seed
