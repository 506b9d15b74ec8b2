"""The office: what whoever carries out a command has at hand, and how it waits for what the pipeline makes of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livermore.access import AccessOptions
from livermore.clock import Clock
from livermore.errors import LivermoreError
from livermore.store import directives
from livermore.store.directives import Directive
from livermore.store.keys import Keys
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore
from livermore.store.reign import Reign
from livermore.store.sql import Database

if TYPE_CHECKING:
    from livermore.control.profile import Profile

LOOK = 0.05
"""Seconds between two looks at something in Redis that is waited for."""


class CommandFailed(LivermoreError):
    """A command was not carried out; the text says why, to whoever gave it."""


@dataclass
class Office:
    """``process``: the name of this one; ``reign``: what the instance here has told last."""

    exchange: str
    process: str
    redis: AsyncRedisStore
    database: Database
    keys: Keys
    clock: Clock
    access: AccessOptions
    """How the exchange is reached."""
    profiles: Mapping[str, "Profile"]
    resources: Any
    reign: Reign
    by: str = ""
    """Who gave the command that is being carried out."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def heed(self, reign: Reign) -> None:
        """The instance has told how it stands."""
        self.reign = reign
        self.changed.set()

    async def until(self, holds: Callable[[Reign], bool], within: float) -> Reign:
        """Wait until this holds of the reign.

        Raises:
            TimeoutError: it has not, after so many seconds.
        """
        async with asyncio.timeout(within):
            while not holds(self.reign):
                self.changed.clear()
                await self.changed.wait()
        return self.reign

    async def until_found(self, look: Callable[[], Awaitable[bool]], within: float) -> bool:
        """Look again and again, for at most so many seconds; gives whether it was found."""
        end = self.clock.monotonic() + within
        while self.clock.monotonic() < end:
            if await look():
                return True
            await asyncio.sleep(LOOK)
        return False

    async def directive(self, name: str) -> Directive | None:
        """What was decided last."""
        return await directives.read(self.redis, self.database, self.keys, name)

    async def decide(self, name: str, value: Any) -> None:
        """Decide something else from now on."""
        decided = Directive(value, self.by, self.clock.wall())
        await directives.decide(self.redis, self.database, self.keys, name, decided)

    def lease(self) -> Lease:
        """The right to write.

        Raises:
            CommandFailed: it is not here.
        """
        if self.reign.duty is None:
            raise CommandFailed(f"{self.exchange} is {self.reign.phase} here: start it first")
        return self.reign.duty.lease
