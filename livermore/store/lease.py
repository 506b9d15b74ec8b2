"""The lease of an exchange: who may write, with an epoch that never goes back."""

from typing import Any

import msgspec

from livermore.store.keys import Keys
from livermore.store.query import Query, Word, call, command, integer, text


class Owner(msgspec.Struct, frozen=True):
    """Who holds a lease: the process (``started`` tells it from a later one with the same pid), and since when (ms)."""

    epoch: int
    host: str
    pid: int
    started: str
    since: int


class Lease:
    """The right to write for one exchange under one epoch. Every write script checks it."""

    def __init__(self, exchange: str, exchange_id: int, owner: Owner) -> None:
        self.exchange, self.owner = exchange, owner
        self.keys = Keys(exchange_id)
        self.token = msgspec.json.encode(owner).decode()

    @property
    def guard(self) -> tuple[list[str], list[Word]]:
        """The keys and the arguments that every fenced script begins with."""
        return [self.keys.lease, self.keys.fence], [self.token, self.owner.epoch]


def fenced(lease: Lease, name: str, keys: list[str], arguments: list[Word], read: Any = None) -> Query[Any]:
    """A call of a script that is refused unless the lease holds."""
    guard_keys, guard_arguments = lease.guard
    return call(name, guard_keys + keys, guard_arguments + arguments, read or integer)


def claim(lease: Lease, ttl_ms: int, instead_of: str = "") -> Query[Owner | None]:
    """Take the lease, if it is free, ours, or held by the token ``instead_of``; gives the owner in the way, or None."""
    keys, arguments = lease.guard
    return call("claim", keys, [*arguments, ttl_ms, instead_of], _owner_or_none)


def keep(lease: Lease, ttl_ms: int, status: bytes) -> Query[str]:
    """Keep lease and status alive: `kept`, `missing`, or the token of another owner."""
    keys, arguments = lease.guard
    return call("keep", [*keys, lease.keys.status], [*arguments, ttl_ms, status], lambda answer: text(answer) or "")


def release(lease: Lease) -> Query[int]:
    """Give the lease back: 1, or 0 where it was not ours any more."""
    return call("release", [lease.keys.lease, lease.keys.status], [lease.token], integer)


def holder(keys: Keys) -> Query[Owner | None]:
    """Who holds the lease now."""
    return command("GET", keys.lease, read=_owner_or_none)


def put(lease: Lease, key: str, value: bytes) -> Query[Any]:
    """Set a key, if the lease holds."""
    return fenced(lease, "put", [key], [value])


def _owner_or_none(answer: bytes | None) -> Owner | None:
    return msgspec.json.decode(answer, type=Owner) if answer else None


def token(owner: Owner) -> str:
    """The text that stands at the lease's key while ``owner`` holds it."""
    return msgspec.json.encode(owner).decode()
