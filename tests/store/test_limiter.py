"""The token bucket: never faster than allowed, for all processes of an address together, by a clock moved by hand."""

import asyncio
import ipaddress
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import redis

from livermore.errors import Transient
from livermore.store import limiter as module
from livermore.store.keys import Keys
from livermore.store.limiter import Limiter, bucket, outgoing_address
from livermore.store.redis import AsyncRedisStore
from livermore.store.settings import RedisPlace
from tests.support.clocks import ManualClock
from tests.support.leases import KEYS
from tests.support.valkey import Valkey


class Service:
    """Limiters of several processes, whose sleep moves the clock on."""

    def __init__(self, runner: asyncio.Runner, async_store: AsyncRedisStore) -> None:
        self.runner, self.redis = runner, async_store
        self.clock = ManualClock()
        self.clock.advance(7200)  # the machine has been up for a while

    def limiter(self, per_second: float) -> Limiter:
        return Limiter(self.redis, KEYS, self.clock, per_second)

    def seconds(self, *limiters: Limiter) -> float:
        """How long one turn of each takes, one after the other."""
        began = self.clock.monotonic()
        for limiter in limiters:
            self.runner.run(limiter.turn())
        return round(self.clock.monotonic() - began, 3)

    def pause(self, limiter: Limiter, seconds: float) -> None:
        self.runner.run(limiter.pause(seconds))


class Behind(ManualClock):
    """What was so many seconds ago on another clock."""

    def __init__(self, other: ManualClock, seconds: float) -> None:
        super().__init__()
        self._other, self._behind = other, seconds

    def monotonic(self) -> float:
        return self._other.monotonic() - self._behind


@pytest.fixture
def service(runner: asyncio.Runner, async_store: AsyncRedisStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    made = Service(runner, async_store)

    async def sleep(seconds: float) -> None:
        made.clock.advance(seconds)

    monkeypatch.setattr(module, "asyncio", SimpleNamespace(sleep=sleep))
    return made


def test_a_full_bucket_gives_a_second_s_worth_at_once_and_then_one_at_a_time(service: Service) -> None:
    limiter = service.limiter(8)
    assert service.seconds(*[limiter] * 8) == 0
    assert service.seconds(limiter) == 0.125
    assert service.seconds(*[limiter] * 16) == 2


def test_the_rate_holds_over_any_stretch_of_time(service: Service) -> None:
    limiter = service.limiter(3)
    service.seconds(*[limiter] * 3)
    assert 100 / 3 <= service.seconds(*[limiter] * 100) < 100 / 3 + 0.2  # a millisecond or two for each, rounded up


def test_a_bucket_fills_up_again_and_not_beyond(service: Service) -> None:
    limiter = service.limiter(8)
    service.seconds(*[limiter] * 8)
    service.clock.advance(0.5)
    assert service.seconds(*[limiter] * 4) == 0
    service.clock.advance(1000)
    assert service.seconds(*[limiter] * 8) == 0
    assert service.seconds(limiter) > 0


def test_a_rate_below_one_a_second_gives_one_at_a_time(service: Service) -> None:
    limiter = service.limiter(0.5)
    assert service.seconds(limiter) == 0
    assert service.seconds(limiter) == 2


def test_two_limiters_share_a_bucket(service: Service) -> None:
    first, second = service.limiter(4), service.limiter(4)
    assert service.seconds(first, second, first, second) == 0
    assert service.seconds(first, second) == 0.5


def test_turns_that_are_wanted_at_the_same_time_share_it_too(service: Service) -> None:
    limiter = service.limiter(4)

    async def all_at_once() -> None:
        await asyncio.gather(*(limiter.turn() for _ in range(12)))

    began = service.clock.monotonic()
    service.runner.run(all_at_once())
    assert service.clock.monotonic() - began >= 2


def test_exchanges_have_buckets_of_their_own(service: Service) -> None:
    other = Limiter(service.redis, Keys(2), service.clock, 1)
    assert service.seconds(service.limiter(1), other) == 0


def test_a_pause_is_kept_by_everybody_and_then_it_goes_on(service: Service) -> None:
    first, second = service.limiter(4), service.limiter(4)
    service.pause(first, 12.5)
    assert service.seconds(second) == 12.5
    assert service.seconds(first) == 0


def test_a_shorter_pause_does_not_end_a_longer_one(service: Service) -> None:
    limiter = service.limiter(4)
    service.pause(limiter, 60)
    service.pause(limiter, 1)
    assert service.seconds(limiter) == 60


def test_a_long_pause_outlives_the_bucket(service: Service, empty_valkey: Valkey) -> None:
    limiter = service.limiter(4)
    service.seconds(limiter)
    service.pause(limiter, 3600)
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        assert client.pttl(bucket(KEYS)) > 3_600_000
    service.clock.advance(3599)
    assert service.seconds(limiter) == 1


def test_a_pause_of_no_time_takes_no_turn(service: Service) -> None:
    limiter = service.limiter(1)
    service.pause(limiter, 0)
    assert service.seconds(limiter) <= 0.001


def test_a_bucket_that_nobody_uses_is_forgotten(service: Service, empty_valkey: Valkey) -> None:
    service.seconds(service.limiter(4))
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        assert 59_000 < client.pttl(bucket(KEYS)) <= 60_000


@pytest.mark.parametrize("jump", [-3600, -60, -10, 10, 60, 3600])
def test_a_process_whose_wall_clock_is_set_takes_no_more_and_nobody_waits_for_it(service: Service, jump: int) -> None:
    jumpy = ManualClock()
    jumpy.advance(7200)
    first, second = Limiter(service.redis, KEYS, jumpy, 4), service.limiter(4)
    jumpy.set_wall(jump)
    assert service.seconds(first, second, first, second) == 0
    jumpy.set_wall(-jump)
    assert service.seconds(second) == 0.25


def test_a_request_that_comes_a_little_late_gives_nothing_away(service: Service) -> None:
    late = Limiter(service.redis, KEYS, Behind(service.clock, 4), 4)
    service.seconds(*[service.limiter(4)] * 4)
    assert service.seconds(late) == 4.25


@pytest.mark.parametrize("back", [6, 59, 3600])
def test_a_clock_that_begins_anew_gives_nothing_away_and_stops_nothing(service: Service, back: int) -> None:
    limiter = service.limiter(4)
    service.seconds(*[limiter] * 4)
    service.clock.advance(-back)
    assert service.seconds(limiter) == 0.25


def test_without_redis_nobody_asks(service: Service) -> None:
    service.redis = AsyncRedisStore(RedisPlace(url="unix:///nonexistent/valkey.sock"))
    with pytest.raises(Transient):
        service.seconds(service.limiter(4))


def test_the_outgoing_address_is_an_address() -> None:
    assert ipaddress.ip_address(outgoing_address())
