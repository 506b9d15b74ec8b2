"""A tenure: how one process comes by the lease of an exchange, keeps it and loses it."""

from dataclasses import dataclass
from functools import partial

from livermore.clock import Clock
from livermore.errors import Transient
from livermore.store import epochs, lease
from livermore.store.claiming import claim, is_here, occupied, reinstall, replaceable
from livermore.store.keys import Keys
from livermore.store.lease import Lease, Owner
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database


class Lost(Transient):
    """The lease is gone for good: somebody else has it, or a newer right to it, or Redis has lost everything."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry_after=0)


@dataclass
class Tenure:
    """``ttl``: wall seconds that the lease holds without being kept; ``patient``: whether others may have it, too."""

    redis: AsyncRedisStore
    database: Database
    keys: Keys
    exchange: str
    clock: Clock
    ttl: float
    patient: bool
    lease: Lease | None = None
    kept: float = float("-inf")
    """When it was kept last, or, where there is none, when the stores answered last; on the monotonic clock."""
    _vacant: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the lease must have run out by now, or would have, if there were one."""
        return self.clock.monotonic() - self.kept > self.ttl

    def heard(self) -> None:
        """The stores have answered; a lease that is there is kept by `keep` alone."""
        if self.lease is None:
            self.kept = self.clock.monotonic()

    async def look(self) -> Owner | None:
        """Who holds the lease."""
        return await self.redis.run(lease.holder(self.keys))

    async def hold(self, holder: Owner | None) -> None:
        """See to it that the lease is still there.

        Raises:
            Lost: for good.
        """
        assert self.lease is not None
        if holder is None and await self.redis.run(lease.fence(self.keys)) == 0:
            raise Lost("Redis has come back empty: what was stored has to be fetched and computed again")
        if holder is None and not await reinstall(self.redis, self.database, self.lease, self.ttl):
            raise Lost("the lease ran out, and somebody else has a newer right to it")
        if holder is not None and holder != self.lease.owner:
            raise Lost(f"the lease has been taken over by {lease.token(holder)}")

    async def keep(self, status: bytes) -> None:
        """Keep it alive, with the status of the pipeline.

        Raises:
            Lost: there is nothing to keep.
        """
        assert self.lease is not None
        held = await self.redis.run(lease.keep(self.lease, int(self.ttl * 1000), status))
        if held == "kept":
            self.kept = self.clock.monotonic()
        elif held != "missing":  # which the next look finds, too
            raise Lost(f"the lease has been taken over by {held}")

    async def release(self) -> None:
        """Give it back."""
        if self.lease is not None:
            given, self.lease = self.lease, None
            await self.redis.run(lease.release(given))

    async def renounce(self, holder: Owner | None) -> None:
        """Give back what an earlier incarnation of this process has left."""
        if holder is not None and is_here(holder):
            await self.redis.run(lease.release(Lease(self.exchange, self.keys.exchange_id, holder)))

    async def take(self, holder: Owner | None) -> None:
        """Take the lease, if it is to be had by now.

        Raises:
            Occupied: another instance holds it.
            Transient: a store cannot answer, or others are claiming it at this moment.
        """
        if holder is not None and not replaceable(holder):
            self._vacant = None
            raise occupied(self.exchange, holder)
        if holder is not None or await self._is_free():
            self.lease = await claim(self.redis, self.database, self.keys, self.exchange, self.clock, self.ttl)
            self.kept, self._vacant = self.clock.monotonic(), None

    async def _is_free(self) -> bool:
        """Whether nobody is to be waited for: who is patient lets the owner put back what Redis has forgotten."""
        if not self.patient or await self.redis.run(lease.fence(self.keys)) > 0:
            return True
        now = self.clock.monotonic()
        self._vacant = now if self._vacant is None else self._vacant
        return now - self._vacant >= self.ttl or await self._is_abandoned()

    async def _is_abandoned(self) -> bool:
        """Whether no owner can come back: there was none, or it was a process of this machine that is gone."""
        last = await self.database.run_aside(partial(epochs.owner, exchange_id=self.keys.exchange_id))
        return last is None or replaceable(last)
