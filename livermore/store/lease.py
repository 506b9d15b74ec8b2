"""The lease of an exchange: who may write, with an epoch that never goes back."""

from dataclasses import dataclass

import msgspec

from livermore.store.keys import Keys
from livermore.store.query import Query, call, command, integer, text


class Owner(msgspec.Struct, frozen=True):
    """Who holds a lease: the process (``started`` tells it from a later one with the same pid), and since when (ms)."""

    epoch: int
    host: str
    pid: int
    started: str
    since: int


class Lease:
    """The right to write for one exchange under one epoch (`livermore.store.fence.Right`)."""

    def __init__(self, exchange: str, exchange_id: int, owner: Owner) -> None:
        self.exchange, self.owner = exchange, owner
        self.keys = Keys(exchange_id)
        self.token = token(owner)
        self.epoch = owner.epoch


@dataclass(frozen=True)
class Duty:
    """What a pipeline is started with, under the argument `duty`: the right to write, and how many candles to keep."""

    lease: Lease
    history: int


def token(owner: Owner) -> str:
    """The text that stands at the lease's key while ``owner`` holds it."""
    return msgspec.json.encode(owner).decode()


def claim(lease: Lease, ttl_ms: int, instead_of: str = "") -> Query[Owner | None]:
    """Take the lease, if it is free, ours, or held by the token ``instead_of``; gives the owner in the way, or None."""
    keys = [lease.keys.lease, lease.keys.fence]
    return call("claim", keys, [lease.token, lease.epoch, ttl_ms, instead_of], _owner_or_none)


def keep(lease: Lease, ttl_ms: int, status: bytes) -> Query[str]:
    """Keep lease and status alive: `kept`, `missing`, or the token of another owner."""
    keys = [lease.keys.lease, lease.keys.status]
    return call("keep", keys, [lease.token, ttl_ms, status], lambda answer: text(answer) or "")


def release(lease: Lease) -> Query[int]:
    """Give the lease back: 1, or 0 where it was not ours any more."""
    return call("release", [lease.keys.lease, lease.keys.status], [lease.token], integer)


def fence(keys: Keys) -> Query[int]:
    """The highest epoch that Redis has seen; 0 where it has forgotten, or there was none."""
    return command("GET", keys.fence, read=lambda answer: int(answer or 0))


def holder(keys: Keys) -> Query[Owner | None]:
    """Who holds the lease now."""
    return command("GET", keys.lease, read=_owner_or_none)


def _owner_or_none(answer: bytes | None) -> Owner | None:
    return msgspec.json.decode(answer, type=Owner) if answer else None
