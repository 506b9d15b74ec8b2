"""The kinds of data that are kept for a time: what removes the old of each, and what tells how much is left."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import NamedTuple

from livermore.clock import Clock
from livermore.errors import Permanent
from livermore.store import candles as stored
from livermore.store import notices, old_rows, sweeping
from livermore.store.keys import activity
from livermore.store.lease import Duty
from livermore.store.old_rows import Limits, Rows
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database
from livermore.sweeping.folder import CRASH_REPORT, RECORDING, Folder
from livermore.sweeping.retention import Files, Retention


class Held(NamedTuple):
    """What is left: how many, and when (ms) the oldest was written, as far as that is known."""

    number: int | None = None
    oldest: int | None = None


class Kind(NamedTuple):
    """``sweep``: removes a bounded number of what is too old by this wall time (ms), and gives how many; 0 where there
    is no more. ``look``: what is left.
    """

    name: str
    sweep: Callable[[int], Awaitable[int]]
    look: Callable[[], Awaitable[Held]]


class Kinds:
    """All kinds of an exchange."""

    def __init__(
        self, redis: AsyncRedisStore, database: Database, duty: Duty, retention: Retention, clock: Clock
    ) -> None:
        """Raises `Permanent` where more candles are to be kept than the instance has stored."""
        self._redis, self._database, self._duty, self._clock = redis, database, duty, clock
        self._retention, self._keys = retention, duty.lease.keys
        if retention.candles is not None and retention.candles > duty.history:
            raise Permanent(f"retention keeps {retention.candles} candles: the instance's history is {duty.history}")

    def __iter__(self) -> Iterator[Kind]:
        yield Kind("candles", self._sweep_candles, self._look_at_candles)
        yield Kind("events", self._sweep_events, partial(self._look_at_stream, self._keys.events))
        yield Kind("activity", self._sweep_activity, partial(self._look_at_stream, activity(self._duty.lease.exchange)))
        yield Kind("dead_letters", self._sweep_letters, self._look_at_letters)
        for rows in old_rows.TABLES:
            yield Kind(rows.kind, partial(self._sweep_rows, rows), partial(self._look_at_rows, rows))
        yield _of_files("crash_reports", self._retention.crash_reports, CRASH_REPORT)
        yield _of_files("recordings", self._retention.recordings, RECORDING)

    # -- candles

    async def _sweep_candles(self, _: int) -> int:
        kept, lease = min(self._retention.candles or self._duty.history, self._duty.history), self._duty.lease
        gone = 0
        for some in await self._series():
            gone += await self._redis.run(sweeping.candles(lease, some, kept))
        return gone

    async def _look_at_candles(self) -> Held:
        counts = [
            count
            for some in await self._series()
            for count in await self._redis.run_all(sweeping.most_candles(self._keys, some))
        ]
        return Held(max(counts, default=0))

    async def _series(self) -> list[list[str]]:
        """Every series that was ever known, those that nobody watches any more included, in batches."""
        cursors = await self._redis.run(stored.cursors(self._keys))
        known = sorted(cursors)
        return [known[i : i + sweeping.BATCH] for i in range(0, len(known), sweeping.BATCH)]

    # -- streams, and the list of dead letters

    async def _sweep_events(self, wall: int) -> int:
        return await self._redis.run(sweeping.events(self._duty.lease, wall - _ms(self._retention.events)))

    async def _sweep_activity(self, wall: int) -> int:
        before = wall - _ms(self._retention.activity)
        return await self._redis.run(sweeping.activities(self._duty.lease.exchange, before))

    async def _look_at_stream(self, stream: str) -> Held:
        number = await self._redis.run(sweeping.length(stream))
        return Held(number, await self._redis.run(sweeping.oldest(stream)))

    async def _sweep_letters(self, wall: int) -> int:
        before = wall - _ms(self._retention.dead_letters)
        found = await self._redis.run(sweeping.oldest_dead(self._keys))
        old = [raw for raw, at in found if at < before]
        return await self._redis.run(sweeping.dead_letters(self._duty.lease, old)) if old else 0

    async def _look_at_letters(self) -> Held:
        found = await self._redis.run(sweeping.oldest_dead(self._keys))
        number = await self._redis.run(notices.count_dead(self._keys))
        return Held(number, found[0][1] if found else None)

    # -- SQL

    async def _sweep_rows(self, rows: Rows, wall: int) -> int:
        now = self._clock.now()
        before = (now if rows.in_market else wall) - _ms(getattr(self._retention, rows.kind))
        limits = Limits(before, now, self._duty.history)
        return await self._database.run_aside(partial(old_rows.remove, rows=rows, limits=limits))

    async def _look_at_rows(self, rows: Rows) -> Held:
        return Held(oldest=await self._database.run_aside(partial(old_rows.oldest, rows=rows)))


def _of_files(name: str, files: Files, form: re.Pattern[str]) -> Kind:
    """Of a folder, which is looked at in a thread: a disk may be slow. Without one there is nothing."""
    folder = Folder(files.folder, form)

    async def sweep(wall: int) -> int:
        return await asyncio.to_thread(folder.remove, wall - _ms(files.kept)) if files.folder else 0

    async def look() -> Held:
        found = await asyncio.to_thread(folder.files) if files.folder else []
        return Held(len(found), found[0].written if found else None)

    return Kind(name, sweep, look)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
