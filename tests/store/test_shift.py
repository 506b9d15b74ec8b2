"""Shifts: one process delivers at a time, and the next takes over from one that is gone."""

import asyncio

import pytest

from livermore import process
from livermore.errors import Transient
from livermore.store import instances, shift
from livermore.store.query import command
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.shift import Shift
from tests.support.clocks import ManualClock
from tests.support.leases import KEYS

GROUP = "notifier"
PLACE = KEYS.deliverer(GROUP)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift, "LOOK", 0.01)
    monkeypatch.setattr(shift, "KEEP", 0.01)


def held_by(store: RedisStore, name: str) -> None:
    store.run(command("SET", PLACE, name, "PX", 60_000, read=bytes))


def test_a_free_shift_is_ours_and_given_back_at_the_end(
    runner: asyncio.Runner, async_store: AsyncRedisStore, store: RedisStore
) -> None:
    mine = Shift(async_store, KEYS, GROUP, ManualClock(0))
    runner.run(mine.begin())
    assert mine.ours
    assert store.run(command("GET", PLACE, read=bytes.decode)) == instances.here()
    runner.run(mine.end())
    assert store.run(command("EXISTS", PLACE, read=int)) == 0


def test_one_whose_process_is_gone_from_this_machine_is_followed_at_once(
    runner: asyncio.Runner, async_store: AsyncRedisStore, store: RedisStore
) -> None:
    held_by(store, instances.name(process.host(), 1, "before the machine was started"))
    mine = Shift(async_store, KEYS, GROUP, ManualClock(0))
    runner.run(mine.begin())
    assert mine.ours


def test_one_that_is_at_work_elsewhere_is_waited_for(
    runner: asyncio.Runner, async_store: AsyncRedisStore, store: RedisStore
) -> None:
    held_by(store, "elsewhere:1:then")
    mine = Shift(async_store, KEYS, GROUP, ManualClock(0))

    async def wait() -> bool:
        waiting = asyncio.ensure_future(mine.begin())
        for _ in range(20):
            await asyncio.sleep(0.01)
        early = waiting.done()
        store.run(command("DEL", PLACE, read=int))
        await waiting
        return early

    assert not runner.run(wait())
    assert mine.ours
    runner.run(mine.end())


def test_who_has_lost_it_says_so_and_leaves_it_to_the_other(
    runner: asyncio.Runner, async_store: AsyncRedisStore, store: RedisStore
) -> None:
    mine = Shift(async_store, KEYS, GROUP, ManualClock(0))
    runner.run(mine.begin())
    held_by(store, "elsewhere:1:then")
    with pytest.raises(Transient, match="another process delivers by now"):
        runner.run(mine.last())
    runner.run(mine.end())
    assert store.run(command("GET", PLACE, read=bytes.decode)) == "elsewhere:1:then"
