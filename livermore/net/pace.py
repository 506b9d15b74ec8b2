"""A limiter of one process alone: for a tool that has no Redis to share an allowance in."""

import asyncio

from livermore.clock import Clock


class Pace:
    """`livermore.net.rest.Limiter` for requests one after the other."""

    def __init__(self, clock: Clock, per_second: float) -> None:
        self._clock, self._between = clock, 1 / per_second
        self._next = clock.monotonic()

    async def turn(self, weight: int = 1) -> None:
        at = max(self._next, self._clock.monotonic())
        self._next = at + weight * self._between
        await asyncio.sleep(at - self._clock.monotonic())

    async def pause(self, seconds: float) -> None:
        self._next = max(self._next, self._clock.monotonic() + seconds)

    async def learn(self, per_second: float) -> None:
        self._between = max(self._between, 1 / per_second)
