"""Shared limits: all fronts together keep a key to its limit, with few words to Redis, and each alone without it."""

import asyncio
import random
import re
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from prometheus_client import REGISTRY

from livermore.http import shared_limits
from livermore.http.background import Background
from livermore.http.bounds import Bounds
from livermore.http.limits import Standing
from livermore.http.shared_limits import SharedLimiter
from livermore.store.query import command, nothing
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.settings import DatabasePlace, RedisPlace
from tests.http.test_keys import change
from tests.http.world import World, a_world
from tests.support.clocks import ManualClock
from tests.support.valkey import Valkey, valkey

URL = "/public/v1/stream"
"""Answers 426 to whoever is let in, without anything of Redis."""
KEY = "0123456789ab"


class Fronts:
    """Limiters of several processes with one clock."""

    def __init__(self, place: RedisPlace, count: int) -> None:
        self.clock, self.runner = ManualClock(), asyncio.Runner()
        self._stores = [AsyncRedisStore(place) for _ in range(count)]
        self.limiters = [SharedLimiter(store, self.clock, Background()) for store in self._stores]

    def take(self, which: int, per_minute: int = 20) -> Standing:
        return self.runner.run(self.limiters[which].take(KEY, per_minute))

    def until_empty(self, which: int, per_minute: int = 20) -> int:
        """How many requests one front allows at once."""
        for count in range(10_000):
            if not self.take(which, per_minute).allowed:
                return count
        raise AssertionError("it is not limited")

    def close(self) -> None:
        for store in self._stores:
            self.runner.run(store.close())
        self.runner.close()


@contextmanager
def fronts(server: Valkey, count: int) -> Iterator[Fronts]:
    with closing(Fronts(server.place, count)) as made:
        yield made


def alone() -> float:
    """How often a process has limited by itself."""
    return REGISTRY.get_sample_value("livermore_limits_alone_total") or 0.0


def test_two_fronts_together_allow_what_a_key_may(world: World, empty_valkey: Valkey, database: DatabasePlace) -> None:
    change(world, world.key, requests_per_minute=20)
    with a_world(empty_valkey.place, database, Bounds()) as other:
        statuses = [front.ask(URL, key=world.key).status for _ in range(15) for front in (world, other)]
    assert (statuses.count(426), statuses.count(429)) == (20, 10)
    assert set(statuses[:18]) == {426}


def test_most_requests_ask_redis_nothing(world: World) -> None:
    assert world.ask(URL).status == 426  # which makes the script known
    before = world.commands()
    for _ in range(58):
        assert world.ask(URL).status == 426
    after = world.commands()
    assert after["evalsha"] - before["evalsha"] == 1


def test_one_who_is_over_the_limit_does_not_reach_redis(empty_valkey: Valkey) -> None:
    with fronts(empty_valkey, 1) as one, closing(RedisStore(empty_valkey.place)) as store:
        assert one.until_empty(0) == 20
        calls = command("INFO", "commandstats", read=lambda told: re.findall(rb"cmdstat_evalsha:calls=\d+", told))
        before = store.run(calls)
        assert [one.take(0).allowed for _ in range(50)] == [False] * 50
        assert store.run(calls) == before != []


def test_requests_that_come_together_share_a_draw(empty_valkey: Valkey) -> None:
    with fronts(empty_valkey, 1) as one:
        drawn: list[int] = []
        (limiter,) = one.limiters
        ask = limiter._ask

        async def counted(*given: object) -> bool:
            drawn.append(1)
            return await ask(*given)

        limiter._ask = counted

        async def together() -> list[Standing]:
            return await asyncio.gather(*(limiter.take(KEY, 200) for _ in range(250)))

        found = one.runner.run(together())
        assert [standing.allowed for standing in found].count(True) == 200
        assert len(drawn) == 10


def test_what_is_left_is_told_as_it_is_for_all(empty_valkey: Valkey) -> None:
    with fronts(empty_valkey, 2) as two:
        assert (two.take(0).remaining, two.take(0).remaining) == (19, 18)
        assert two.until_empty(1) == 18
        last = two.take(0)
        assert (last.allowed, last.remaining, last.reset, last.retry_after) == (False, 0, 60, 3)
        two.clock.advance(3)
        assert [two.take(i).allowed for i in (1, 0)] == [True, False]


def test_who_is_told_to_come_back_is_let_in_then(empty_valkey: Valkey) -> None:
    with fronts(empty_valkey, 2) as two:
        for per_minute in (1, 7, 20, 299, 1000):
            two.clock.advance(61)
            two.until_empty(0, per_minute)
            for which in (0, 1):
                wait = two.take(which, per_minute).retry_after
                two.clock.advance(wait)
                assert two.take(which, per_minute).allowed, (per_minute, which)
                two.until_empty(which, per_minute)


def test_after_a_minute_of_rest_there_is_a_minute_s_worth_and_no_more(empty_valkey: Valkey) -> None:
    with fronts(empty_valkey, 2) as two:
        for which in (0, 1):
            two.take(which, 300)
        two.clock.advance(60)
        assert two.until_empty(0, 300) + two.until_empty(1, 300) == 300


@pytest.mark.parametrize("seed", range(2))
def test_however_requests_fall_the_limit_holds_for_all_fronts_together(empty_valkey: Valkey, seed: int) -> None:
    source = random.Random(seed)
    with fronts(empty_valkey, 3) as three:
        begin, allowed = three.clock.monotonic(), 0
        for _ in range(600):
            three.clock.advance(source.choice([0, 0, 0, 0.01, 0.3, 2, 70]))
            allowed += three.take(source.randrange(3), 60).allowed
            most = 60 + (three.clock.monotonic() - begin) + 2 * 6
            assert allowed <= most, f"seed {seed}"


def test_without_redis_each_front_goes_on_with_what_it_has_given_out_and_counts_that(
    database: DatabasePlace,
) -> None:
    with valkey() as server, a_world(server.place, database, Bounds()) as lonely:
        lonely.hears_of_keys()
        change(lonely, lonely.key, requests_per_minute=20)
        assert {lonely.ask(URL).status for _ in range(5)} == {426}
        server.kill()
        before = alone()
        statuses = [lonely.ask(URL).status for _ in range(20)]
        assert (statuses.count(426), statuses.count(429)) == (15, 5)
        assert alone() - before > 0
        server.start()
        lonely.clock.advance(60)
        before = alone()
        assert lonely.ask(URL).headers["x-ratelimit-remaining"] == "19"
        assert alone() == before


def test_a_redis_that_does_not_answer_is_asked_once_a_second(
    database: DatabasePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_limits, "PATIENCE", 0.05)
    with valkey() as server, fronts(server, 1) as one:
        drawn: list[int] = []
        draw = shared_limits.allowance.draw
        monkeypatch.setattr(shared_limits.allowance, "draw", lambda *given: drawn.append(1) or draw(*given))
        one.take(0, 300)
        server.process.send_signal(signal.SIGSTOP)
        try:
            assert one.until_empty(0, 300) == 299
            assert len(drawn) == 2
            one.clock.advance(1)
            one.take(0, 300)
            assert len(drawn) == 3
        finally:
            server.process.send_signal(signal.SIGCONT)


def test_a_front_that_may_not_write_limits_by_itself(empty_valkey: Valkey) -> None:
    with valkey() as server, closing(RedisStore(server.place)) as store, fronts(server, 1) as one:
        store.run(command("ACL", "SETUSER", "default", "-evalsha", "-eval", read=nothing))
        before = alone()
        assert one.until_empty(0) == 20
        assert alone() - before == 20
