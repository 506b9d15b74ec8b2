"""Shifts: of several processes that could deliver what an exchange has raised, one does, and the next when it goes."""

import asyncio

from livermore import process
from livermore.clock import Clock
from livermore.errors import Transient
from livermore.store import instances
from livermore.store.keys import Keys
from livermore.store.query import Query, call, command, nothing, text
from livermore.store.redis import AsyncRedisStore

TTL = 10_000
"""Ms for which a process that does not say anything any more is waited for."""
LOOK, KEEP = 1.0, 3.0
"""Seconds between two looks of one who waits, and of one who has it."""


class Shift:
    """Of one group, in this process. What is delivered while a shift changes may be delivered twice, and never not."""

    def __init__(self, redis: AsyncRedisStore, keys: Keys, group: str, clock: Clock) -> None:
        self._redis, self._place, self._clock = redis, keys.deliverer(group), clock
        self._name = instances.here()
        self.ours = False

    async def begin(self) -> None:
        """Wait until it is this process's turn."""
        gone = ""
        while (holder := await self._redis.run(self._hold(gone))) != self._name:
            gone = holder if _is_gone(holder) else ""
            await asyncio.sleep(0 if gone else LOOK)
        self.ours = True

    async def last(self) -> None:
        """Keep it, for ever.

        Raises:
            Transient: another process has it, as this one had not said anything for too long.
        """
        while True:
            await asyncio.sleep(KEEP)
            if await self._redis.run(self._hold("")) != self._name:
                self.ours = False
                raise Transient("another process delivers by now", retry_after=0)

    async def end(self) -> None:
        """Leave it to the next."""
        if self.ours:
            await self._redis.run(command("DEL", self._place, read=nothing))

    def _hold(self, instead_of: str) -> Query[str]:
        return call("hold", [self._place], [self._name, TTL, instead_of], lambda answer: text(answer) or "")


def _is_gone(holder: str) -> bool:
    host, pid, started = holder.split(":", 2)
    return host == process.host() and process.started(int(pid)) != started
