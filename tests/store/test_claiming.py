"""Claiming an exchange: one holder at a time, with an epoch that never goes back; who is gone is replaced."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import msgspec
import pytest
import redis
from sqlalchemy import delete

from livermore import process
from livermore.errors import Fenced, Permanent, Transient
from livermore.store import epochs, fence, lease
from livermore.store.claiming import claim
from livermore.store.lease import Lease, Owner
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import Database
from livermore.store.tables import leases
from tests.support.clocks import ManualClock
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

TTL = 45.0
SINCE = 1_700_000_000_000


class Claims:
    """One claimant after the other, all in this process."""

    def __init__(self, runner: asyncio.Runner, async_store: AsyncRedisStore, place: DatabasePlace) -> None:
        self.runner, self.redis = runner, async_store
        self.database = Database(place)
        self.clock = ManualClock(SINCE)

    def claim(self) -> Lease:
        return self.runner.run(claim(self.redis, self.database, KEYS, "coinbase", self.clock, TTL))

    def epoch(self) -> int:
        return self.database.run(partial(epochs.current, exchange_id=1))


@pytest.fixture
def claims(runner: asyncio.Runner, async_store: AsyncRedisStore, sql: DatabasePlace) -> Iterator[Claims]:
    made = Claims(runner, async_store, sql)
    yield made
    made.database.close()


def here(pid: int, started: str | None, epoch: int = 1) -> Owner:
    return Owner(epoch, process.host(), pid, started or "", SINCE)


def install(store: RedisStore, held_by: Owner) -> Lease:
    """Let somebody hold the lease."""
    theirs = Lease("coinbase", 1, held_by)
    assert store.run(lease.claim(theirs, 60_000)) is None
    return theirs


def test_a_free_exchange_is_claimed_with_the_first_epoch(
    claims: Claims, store: RedisStore, empty_valkey: Valkey
) -> None:
    mine = claims.claim()
    assert mine.owner == Owner(1, process.host(), os.getpid(), process.started(os.getpid()) or "", SINCE)
    assert store.run(lease.holder(KEYS)) == mine.owner
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        assert 44_000 < client.pttl(KEYS.lease) <= 45_000
        assert client.pttl(KEYS.fence) == -1
    store.run(fence.put(mine, KEYS.schema, b"1"))


def test_who_holds_it_is_written_down_in_sql_for_people(claims: Claims) -> None:
    mine = claims.claim()
    (row,) = claims.database.run(lambda connection: list(connection.execute(leases.select())))
    assert (row.exchange_id, row.epoch, row.since) == (1, 1, SINCE)
    assert msgspec.json.decode(row.owner, type=Owner) == mine.owner


def test_an_exchange_that_another_host_holds_is_refused_with_who_and_since_when(
    claims: Claims, store: RedisStore
) -> None:
    theirs = install(store, owner(epoch=1, pid=77))
    with pytest.raises(Permanent) as caught:
        claims.claim()
    said = str(caught.value)
    assert "coinbase" in said
    assert "host elsewhere, pid 77, since 2023-11-14T22:13:20.000Z" in said
    assert store.run(lease.holder(KEYS)) == theirs.owner
    assert claims.epoch() == 0  # nor has an epoch been spent on it


@pytest.fixture
def other() -> Iterator["subprocess.Popen[bytes]"]:
    """Another process of this machine."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as made:
        yield made
        made.kill()


def test_an_exchange_that_a_process_of_this_machine_holds_is_refused(
    claims: Claims, store: RedisStore, other: "subprocess.Popen[bytes]"
) -> None:
    install(store, here(other.pid, process.started(other.pid)))
    with pytest.raises(Permanent, match=f"pid {other.pid}"):
        claims.claim()


def test_a_process_of_this_machine_that_is_gone_is_replaced_at_once(
    claims: Claims, store: RedisStore, other: "subprocess.Popen[bytes]"
) -> None:
    theirs = install(store, here(other.pid, process.started(other.pid)))
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # nobody has collected it: it is a zombie
    claims.database.run(partial(epochs.draw, exchange_id=1, after=0, owner="", since=0))
    mine = claims.claim()
    assert mine.epoch == 2
    with pytest.raises(Fenced):
        store.run(fence.put(theirs, KEYS.schema, b"1"))


def test_a_later_process_with_the_same_pid_is_another_one(
    claims: Claims, store: RedisStore, other: "subprocess.Popen[bytes]"
) -> None:
    install(store, here(other.pid, "at another time"))
    claims.database.run(partial(epochs.draw, exchange_id=1, after=0, owner="", since=0))
    mine = claims.claim()
    assert store.run(lease.holder(KEYS)) == mine.owner


def test_the_same_pid_on_another_host_is_another_process(claims: Claims, store: RedisStore) -> None:
    install(store, Owner(1, "elsewhere", os.getpid(), process.started(os.getpid()) or "", SINCE))
    with pytest.raises(Permanent):
        claims.claim()


def test_an_earlier_claim_of_this_process_is_replaced(claims: Claims, store: RedisStore) -> None:
    first, second = claims.claim(), claims.claim()
    assert (first.epoch, second.epoch) == (1, 2)
    store.run(fence.put(second, KEYS.schema, b"1"))
    with pytest.raises(Fenced):
        store.run(fence.put(first, KEYS.schema, b"1"))


def test_a_lease_that_was_given_back_is_free(claims: Claims, store: RedisStore) -> None:
    store.run(lease.release(claims.claim()))
    assert claims.claim().epoch == 2


# -- epochs


def test_epochs_go_on_where_redis_has_come_back_empty(claims: Claims, store: RedisStore, empty_valkey: Valkey) -> None:
    first = claims.claim()
    empty_valkey.flush()
    assert claims.claim().epoch == 2
    with pytest.raises(Fenced):
        store.run(fence.put(first, KEYS.schema, b"1"))


def test_where_sql_was_restored_from_an_old_backup_epochs_are_drawn_until_they_pass_the_fence(
    claims: Claims, store: RedisStore
) -> None:
    for _ in range(5):
        last = claims.claim()
    store.run(lease.release(last))
    claims.database.run(lambda connection: connection.execute(delete(leases)))
    for expected in (1, 2, 3, 4):
        with pytest.raises(Fenced):
            claims.claim()
        assert claims.epoch() == expected
        assert store.run(lease.holder(KEYS)) is None
    assert claims.claim().epoch == 5


def test_a_claim_that_is_late_because_another_epoch_was_drawn_is_for_now_only(
    claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "draw", lambda *_, **__: False)
    with pytest.raises(Transient, match="another instance is claiming"):
        claims.claim()


def test_who_takes_the_lease_between_our_look_and_our_claim_has_it(claims: Claims, store: RedisStore) -> None:
    original = epochs.draw

    def draw(*arguments: object, **named: object) -> bool:
        install(store, owner(epoch=1, pid=78))
        return original(*arguments, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(epochs, "draw", draw)
        with pytest.raises(Permanent, match="pid 78"):
            claims.claim()
    assert store.run(lease.holder(KEYS)) == owner(epoch=1, pid=78)


def test_without_sql_there_is_no_claim(claims: Claims, store: RedisStore) -> None:
    claims.database = Database(DatabasePlace.model_validate({"url": "sqlite:////nonexistent/folder/x.db"}))
    with pytest.raises(Transient, match="SQL"):
        claims.claim()
    assert store.run(lease.holder(KEYS)) is None


def test_without_redis_there_is_no_claim_and_no_epoch_is_spent(claims: Claims) -> None:
    claims.redis = AsyncRedisStore(RedisPlace(url="unix:///nonexistent/valkey.sock"))
    with pytest.raises(Transient, match="Redis"):
        claims.claim()
    assert claims.epoch() == 0


# -- races

CLAIMANT = """
import asyncio, json, sys
from livermore.clock import AffineClock
from livermore.errors import LivermoreError
from livermore.store.claiming import claim
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import Database

async def main(redis, database):
    await redis.run(command)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        lease = await claim(redis, database, Keys(1), "coinbase", AffineClock(), 45)
        print(json.dumps({"epoch": lease.epoch}), flush=True)
    except LivermoreError as error:
        print(json.dumps({"error": type(error).__name__}), flush=True)
    sys.stdin.readline()
    await redis.close()

from livermore.store.query import command as made
command = made("PING", read=bytes)
redis = AsyncRedisStore(RedisPlace(url=sys.argv[1]))
database = Database(DatabasePlace.model_validate({"url": sys.argv[2]}))
database.run(lambda _: None)
asyncio.run(main(redis, database))
database.close()
"""


def test_of_claimants_who_race_exactly_one_wins(
    claims: Claims, store: RedisStore, empty_valkey: Valkey, sql: DatabasePlace
) -> None:
    command = [sys.executable, "-c", CLAIMANT, empty_valkey.place.full_url, sql.full_url]
    with ExitStack() as stack:
        racers = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(3)
        ]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            print(file=racer.stdin, flush=True)
        outcomes = [json.loads(racer.stdout.readline()) for racer in racers if racer.stdout is not None]
        held = store.run(lease.holder(KEYS))
        for racer in racers:
            print(file=racer.stdin, flush=True)
    won = [outcome["epoch"] for outcome in outcomes if "epoch" in outcome]
    assert len(won) == 1
    assert {outcome["error"] for outcome in outcomes if "error" in outcome} <= {"Occupied", "Transient", "Fenced"}
    assert held is not None
    assert held.epoch == won[0]
    assert held.pid == racers[outcomes.index({"epoch": won[0]})].pid
