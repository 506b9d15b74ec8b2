"""The resume window: for how long a stream can be taken up again where it broke off, as the owners of exchanges say."""

import asyncio
from typing import TYPE_CHECKING

from livermore.errors import Transient
from livermore.http.cached import Cached
from livermore.store import sweeping
from livermore.store.sweeping import SHORTEST

if TYPE_CHECKING:
    from livermore.http.front import Front

KEPT = 10.0
"""Seconds that it is remembered."""


class ResumeWindow:
    """Of all exchanges that have data, the shortest."""

    def __init__(self, front: "Front") -> None:
        self._front = front
        self._held = Cached(self._read, lambda _: KEPT, front.clock.monotonic, front.background)

    async def seconds(self) -> int:
        """So long it is; while the stores cannot answer, what they last said, or what is always promised."""
        try:
            return await self._held.get()
        except Transient:
            return self._held.value or SHORTEST

    async def _read(self) -> int:
        markets = await self._front.directory.visible()
        reads = (self._front.redis.run(sweeping.window(market.keys)) for market in markets)
        return min((window.events for window in await asyncio.gather(*reads)), default=SHORTEST)
