"""How much keys are used: counted here with every request, and written to SQL once a minute, for all keys at once."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import structlog

from livermore.clock import Clock
from livermore.errors import Transient
from livermore.store import key_usage
from livermore.store.key_usage import Use, day_of
from livermore.store.sql import Database

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

Counts = dict[tuple[str, int], Use]


class Usage:
    """What is not written yet, of keys that were good: there are no more of them than SQL has keys."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._counts: Counts = {}

    def count(self, key_id: str) -> None:
        """A key was used."""
        now = self._clock.wall()
        self._add(Use(key_id, day_of(now), 1, now))

    def unwritten(self, key_id: str) -> int:
        """How often a key was used today, as far as that is not written yet."""
        use = self._counts.get((key_id, day_of(self._clock.wall())))
        return use.times if use is not None else 0

    async def write(self) -> None:
        """Add it to what stands in SQL.

        Raises:
            Transient: SQL cannot answer. It is tried again with the next; what had been done all the same counts twice.
        """
        counts, self._counts = self._counts, {}
        try:
            await self._database.run_aside(partial(key_usage.add, uses=list(counts.values())))
        except Transient:
            for use in counts.values():
                self._add(use)
            raise

    def _add(self, use: Use) -> None:
        before = self._counts.get((use.key_id, use.day))
        if before is not None:
            use = Use(use.key_id, use.day, before.times + use.times, max(before.at, use.at))
        self._counts[use.key_id, use.day] = use


async def write_usage(front: "Front") -> None:
    """Write it, again and again, for ever."""
    while True:
        await asyncio.sleep(front.bounds.usage)
        try:
            await front.usage.write()
        except Transient as reason:
            _log.info("what keys are used is written later", reason=str(reason))
