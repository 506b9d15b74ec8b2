"""Claiming an exchange: a new epoch from SQL, then the lease in Redis."""

import os
from functools import partial

from livermore import process
from livermore.clock import Clock
from livermore.errors import Permanent, Transient
from livermore.market.instant import iso
from livermore.store import epochs, lease
from livermore.store.keys import Keys
from livermore.store.lease import Lease, Owner
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database


class Occupied(Permanent):
    """Another instance holds the lease."""


def is_here(owner: Owner) -> bool:
    """Whether this process has drawn that epoch, in whichever incarnation of its actors."""
    return (owner.host, owner.pid, owner.started) == (process.host(), os.getpid(), process.started(os.getpid()))


def replaceable(owner: Owner) -> bool:
    """Whether an owner may be replaced at once: its process is gone from this machine, or is this one."""
    return owner.host == process.host() and (owner.pid == os.getpid() or process.started(owner.pid) != owner.started)


async def claim(
    redis: AsyncRedisStore, database: Database, keys: Keys, exchange: str, clock: Clock, ttl: float
) -> Lease:
    """Take the lease of an exchange for this process; ``ttl``: wall seconds it holds without being kept.

    An owner on this machine whose process is gone is replaced at once, and so is an earlier claim of this process.

    Raises:
        Occupied: somebody else holds it; the text says who, where and since when.
        Transient: a store cannot answer, or somebody else is claiming at this moment.
    """
    holder = await redis.run(lease.holder(keys))
    if holder is not None and not replaceable(holder):
        raise occupied(exchange, holder)
    owner = await _next_epoch(database, keys, clock)
    mine = Lease(exchange, keys.exchange_id, owner)
    instead_of = lease.token(holder) if holder is not None else ""
    in_the_way = await redis.run(lease.claim(mine, int(ttl * 1000), instead_of))
    if in_the_way is not None:
        raise occupied(exchange, in_the_way)
    return mine


async def reinstall(redis: AsyncRedisStore, database: Database, lease_: Lease, ttl: float) -> bool:
    """Put a lease back that Redis has lost; False where a later epoch has been drawn, or somebody has come first.

    Raises:
        Transient: a store cannot answer.
        Fenced: a later epoch has held it.
    """
    if await database.run_aside(partial(epochs.current, exchange_id=lease_.keys.exchange_id)) != lease_.epoch:
        return False
    return await redis.run(lease.claim(lease_, int(ttl * 1000))) is None


def occupied(exchange: str, owner: Owner) -> Occupied:
    """That somebody else holds it."""
    since = iso(owner.since)
    return Occupied(f"{exchange} is run by another instance: host {owner.host}, pid {owner.pid}, since {since}")


async def _next_epoch(database: Database, keys: Keys, clock: Clock) -> Owner:
    epoch = await database.run_aside(partial(epochs.current, exchange_id=keys.exchange_id))
    pid = os.getpid()
    owner = Owner(epoch + 1, process.host(), pid, process.started(pid) or "", clock.wall())
    drawn = await database.run_aside(
        partial(epochs.draw, exchange_id=keys.exchange_id, after=epoch, owner=lease.token(owner), since=owner.since)
    )
    if not drawn:
        raise Transient("another instance is claiming the same exchange at this moment")
    return owner
