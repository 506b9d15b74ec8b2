"""The instances of an exchange: every process that runs its pipeline, or would, as each tells of itself."""

import os

import msgspec

from livermore import process
from livermore.store.keys import Keys
from livermore.store.query import Query, command, nothing

GONE = 60_000
"""Ms without a sign of life after which an instance is not counted any more."""


class Sighting(msgspec.Struct, frozen=True, rename="camel"):
    """What an instance says of itself. Times are wall ms; ``held``: whether it has the lease; ``standby``: whether it
    takes over where another one goes; ``want``: what is wanted of it (run, pause or rest).
    """

    hostname: str
    pid: int
    started: str
    phase: str
    want: str
    held: bool
    standby: bool
    since: int
    seen: int
    epoch: int | None = None
    last_error: str | None = None

    @property
    def name(self) -> str:
        """Of the process."""
        return name(self.hostname, self.pid, self.started)


def name(host: str, pid: int, started: str) -> str:
    """What tells a process from every other one."""
    return f"{host}:{pid}:{started}"


def here() -> str:
    """The name of this process."""
    return name(process.host(), os.getpid(), process.started(os.getpid()) or "")


def show(keys: Keys, sighting: Sighting) -> Query[None]:
    """Say how it is."""
    return command("HSET", keys.instances, sighting.name, msgspec.json.encode(sighting), read=nothing)


def hide(keys: Keys, *names: str) -> Query[None]:
    """Forget instances."""
    return command("HDEL", keys.instances, *names, read=nothing)


def listed(keys: Keys) -> Query[list[Sighting]]:
    """All that have ever shown themselves and were not forgotten; `present` says which of them count."""
    return command("HVALS", keys.instances, read=_decoded)


def present(sightings: list[Sighting], now: int) -> list[Sighting]:
    """Those that are alive, the holder first, then by age. ``now``: wall ms."""
    alive = [one for one in sightings if now - one.seen < GONE]
    return sorted(alive, key=lambda one: (not one.held, one.since, one.name))


def absent(sightings: list[Sighting], now: int) -> list[str]:
    """The names of the others."""
    return [one.name for one in sightings if now - one.seen >= GONE]


def _decoded(answer: list[bytes]) -> list[Sighting]:
    return [msgspec.json.decode(one, type=Sighting) for one in answer]
