"""Leases for tests."""

from livermore.store.keys import Keys
from livermore.store.lease import Lease, Owner, claim
from livermore.store.redis import RedisStore

KEYS = Keys(1)


def owner(epoch: int = 1, pid: int = 1) -> Owner:
    """Somebody on a machine that is not this one."""
    return Owner(epoch, "elsewhere", pid, "then", 1_700_000_000_000)


def leased(store: RedisStore, epoch: int = 1, ttl_ms: int = 60_000) -> Lease:
    """A lease on exchange 1 that holds."""
    lease = Lease("coinbase", 1, owner(epoch))
    assert store.run(claim(lease, ttl_ms)) is None
    return lease
