"""A herald: tells one target how a pipeline's state changes; no alert waits for it, and it says much in one notice."""

import asyncio
from contextlib import suppress

from livermore import metrics
from livermore.lifecycle import Change
from livermore.notices.backoff import backoff
from livermore.notices.door import Door
from livermore.notices.state_notice import StateNotice
from livermore.store import state_notices
from livermore.store.state_notices import FRESH

SETTLED = 2.0
"""Seconds for which nothing more must have changed: a start is several changes."""


class Herald:
    """It has turns of its own, and only as many as people bear; what is not told soon is not told at all."""

    def __init__(self, door: Door) -> None:
        self._door, self._means = door, door.means
        self._redis, self._keys, self._clock = door.means.redis, door.means.keys, door.means.clock
        self._failures = 0  # in a row
        self._called = asyncio.Event()

    @property
    def name(self) -> str:
        """Of the target."""
        return self._door.name

    def call(self) -> None:
        """There is something new."""
        self._called.set()

    async def run(self) -> None:
        """Tell what is new, for ever."""
        while True:
            self._called.clear()
            await self._rest(await self._tell_next())

    async def last_words(self) -> None:
        """Tell at once what is left, if it may be told."""
        changes = await self._news()
        if changes and not await self._wait():
            await self._tell(changes)

    async def _rest(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._called.wait()

    async def _tell_next(self) -> float | None:
        """Gives the seconds after which to look again, or None: not before something new has come."""
        changes = await self._news()
        if not changes:
            return None
        settled = SETTLED - (self._clock.wall() - changes[-1].at) / 1000
        wait = settled if 0 < settled <= SETTLED else await self._wait()
        return wait or await self._tell(changes)

    async def _news(self) -> list[Change]:
        """What is still to be told; what is too old is forgotten."""
        held = await self._redis.run(state_notices.waiting(self._keys, self.name))
        old = [change for change in held if self._clock.wall() - change.at > FRESH]
        await self._forget(old)
        metrics.NOTICES.labels(self._means.exchange, "late").inc(len(old))
        return held[len(old) :]

    async def _forget(self, changes: list[Change]) -> None:
        await self._redis.run_all([state_notices.told(self._keys, self.name, change) for change in changes])

    async def _wait(self) -> float:
        """Take a turn, or give the seconds to wait for it."""
        paused = await self._door.paused()
        return paused or await self._redis.run(state_notices.turn(self._keys, self.name, self._clock.wall())) / 1000

    async def _tell(self, changes: list[Change]) -> float | None:
        outcome = await self._door.attempt(StateNotice(tuple(changes), await self._door.marks()))
        metrics.NOTICES.labels(self._means.exchange, outcome.kind).inc()
        if outcome.wait:
            await self._door.pause(outcome.wait)
        if outcome.kind == "postponed":
            self._failures += 1
            return outcome.wait or backoff(self._failures, f"{self.name} {changes[-1].at}")
        self._failures = 0
        await self._forget(changes)
        return None
