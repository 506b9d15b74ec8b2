"""The repair of what an audit has found: only the owner of an exchange may write."""

import asyncio

from livermore.auditing import MOST_KEPT, repair
from livermore.clock import Clock
from livermore.commands.common import say
from livermore.errors import LivermoreError, Permanent
from livermore.exchanges.codec import Codec
from livermore.market.audit import Check, Report
from livermore.market.gap import Cause, Gap, joined
from livermore.store import gaps, lease
from livermore.store.candle_book import CandleBook
from livermore.store.claiming import claim
from livermore.store.keys import Keys
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database

TTL = 45.0
"""Seconds for which the right to write holds, where nobody has it."""
PATIENCE = 120.0
"""Seconds for which an owner is waited for."""
LOOK_EVERY = 0.5


class Repair:
    """Where an instance runs it is asked to look again; where none does, this command is the owner for a moment."""

    def __init__(self, redis: AsyncRedisStore, database: Database, keys: Keys, codec: Codec, clock: Clock) -> None:
        self._redis, self._database, self._keys, self._codec, self._clock = redis, database, keys, codec, clock

    async def of(self, report: Report) -> None:
        """Have all that REST knows better stored as REST says it.

        Raises:
            LivermoreError: the owner does not answer. What it was asked for stays written down.
        """
        try:
            mine = await claim(self._redis, self._database, self._keys, self._codec.name, self._clock, TTL)
        except Permanent as error:
            say(f"{error}: it is asked to repair")
            await self._ask_owner(report)
        else:
            await self._write(mine, report)

    async def _write(self, mine: Lease, report: Report) -> None:
        try:
            book = CandleBook(self._redis, mine, MOST_KEPT, rolls_up=self._codec.rolls_up)
            await repair(book, report.mismatches)
        finally:
            await self._redis.run(lease.release(mine))

    async def _ask_owner(self, report: Report) -> None:
        """Leave questions where its poller looks for what it has to ask REST about, and wait for the answers."""
        wrong = [m for m in report.mismatches if m.check is Check.REST and m.expected is not None]
        questions = joined(Gap(m.series, m.open_time, m.open_time, Cause.AUDIT) for m in dict.fromkeys(wrong))
        for question in questions:
            await self._redis.run(gaps.ask(self._keys, question))
        for _ in range(int(PATIENCE / LOOK_EVERY)):
            if not {*questions} & {*await self._redis.run(gaps.doubts(self._keys, self._codec.name))}:
                return
            await asyncio.sleep(LOOK_EVERY)
        raise LivermoreError(f"it has not done so for {PATIENCE:g} s, but will when it can")
