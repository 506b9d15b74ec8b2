"""The door of one target: whether it may be knocked at now, and what came of it."""

from dataclasses import dataclass

from livermore.clock import Clock
from livermore.errors import Transient
from livermore.net.interface import Network
from livermore.notices.artist import Artist
from livermore.notices.target import Outcome, Target, Tidings
from livermore.store import notices, status
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore

BURST = 5
"""Notices that a target may be sent at once."""


@dataclass(frozen=True)
class Means:
    """What all targets of an exchange share. ``artist``: None where no chart is wanted."""

    exchange: str
    redis: AsyncRedisStore
    keys: Keys
    network: Network
    clock: Clock
    artist: Artist | None


class Door:
    """``name``: of the target."""

    def __init__(self, name: str, target: Target, means: Means) -> None:
        self.name, self.target, self.means = name, target, means

    async def turn(self) -> float:
        """Take one of the turns that an alert has to have; gives the seconds to wait where there is none."""
        per_minute = self.target.options.per_minute
        wall = self.means.clock.wall()
        asked = notices.turn(self.means.keys, self.name, per_minute, min(BURST, per_minute), wall)
        return await self.means.redis.run(asked) / 1000

    async def pause(self, seconds: float) -> None:
        """Leave the target alone for so long."""
        wall = self.means.clock.wall()
        await self.means.redis.run(notices.pause(self.means.keys, self.name, int(seconds * 1000), wall))

    async def paused(self) -> float:
        """For how many seconds the target is still to be left alone."""
        asked = notices.paused(self.means.keys, self.name, self.means.clock.wall())
        return await self.means.redis.run(asked) / 1000

    async def marks(self) -> tuple[str, ...]:
        """What every notice of this exchange has to say before everything else."""
        origin = await self.means.redis.run(status.origin(self.means.keys))
        return ("simulated",) if origin is not None and origin.simulated else ()

    async def attempt(self, tidings: Tidings) -> Outcome:
        """Send it once."""
        try:
            return await self.target.send(self.means.network, tidings, self.means.clock.wall())
        except Transient as error:
            return Outcome("postponed", str(error))
