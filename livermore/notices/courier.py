"""A courier: brings one target all that it is to be told, in its own time; what it has still to bring lies in Redis."""

import asyncio
from contextlib import suppress

import msgspec
import structlog

from livermore import metrics
from livermore.notices.backoff import GIVE_UP, backoff
from livermore.notices.door import Door
from livermore.notices.notice import Notice
from livermore.notices.target import Outcome
from livermore.store import notices
from livermore.store.notices import Dead, Letter

LOOK = 2.0
"""Seconds after which it looks again though nobody has called: letters are put back by others, too."""
LONGEST_PAUSE = 60.0
"""Seconds for which a target that fails is left alone at most, unless it asks for more."""


class Courier:
    """No target waits for another one, or is told anything again because of it."""

    def __init__(self, door: Door) -> None:
        self.name, self._door, self._means = door.name, door, door.means
        self._redis, self._keys, self._clock = door.means.redis, door.means.keys, door.means.clock
        self._log = structlog.get_logger("livermore.notifier").bind(target=door.name)
        self._failures = 0  # in a row
        self._called = asyncio.Event()

    def call(self) -> None:
        """There is something new."""
        self._called.set()

    async def run(self) -> None:
        """Bring what is due, for ever."""
        while True:
            wait = await self._bring_next()
            self._called.clear() if wait <= 0 else await self._rest(wait)

    async def test(self, notice: Notice) -> str:
        """Bring a notice of nothing, once; gives what came of it, in words."""
        wait = await self._door.turn()
        if wait > 0:
            return f"not sent: it may be told nothing for another {wait:.1f} s"
        outcome = await self._door.attempt(notice)
        await self._heed(outcome, "test")
        return "sent" if outcome.kind == "sent" else f"{outcome.kind}: {outcome.reason}"

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, LOOK)):
                await self._called.wait()
        self._called.clear()

    async def _bring_next(self) -> float:
        """Bring one notice, if one is due; gives the seconds to wait."""
        due = await self._redis.run(notices.first(self._keys, self.name))
        if due is None or due.at > self._clock.wall():
            return LOOK if due is None else (due.at - self._clock.wall()) / 1000
        letter = await self._redis.run(notices.letter(self._keys, self.name, due.id))
        if letter is None:
            await self._redis.run(notices.sent(self._keys, self.name, due.id))  # only takes it off the schedule
            return 0
        wait = await self._door.turn()
        if wait <= 0:
            await self._bring(letter)
        return wait

    async def _bring(self, letter: Letter) -> None:
        notice = await self._notice(letter)
        outcome = await self._door.attempt(notice)
        tried = msgspec.structs.replace(letter, attempts=letter.attempts + 1, error=outcome.reason)
        kind = outcome.kind
        if kind == "postponed" and self._clock.wall() - letter.since >= GIVE_UP:
            kind = "expired"
        await self._heed(outcome, letter.alert.id)
        await self._settle(kind, tried, chart=notice.chart is not None)
        metrics.NOTICES.labels(self._door.means.exchange, kind).inc()
        await self.count()

    async def _settle(self, kind: str, tried: Letter, *, chart: bool) -> None:
        id_ = tried.alert.id
        if kind == "sent":
            await self._redis.run(notices.sent(self._keys, self.name, id_, chart=chart))
        elif kind == "postponed":
            seconds = backoff(tried.attempts, f"{self.name} {id_}")  # what the target asks for holds for all notices
            at = self._clock.wall() + int(seconds * 1000)
            await self._redis.run(notices.postpone(self._keys, self.name, tried, at))
            self._log.warning("a notice is tried again", alert=id_, reason=tried.error, seconds=round(seconds, 1))
        else:
            await self._redis.run(notices.give_up(self._keys, Dead(self.name, self._clock.wall(), tried)))
            self._log.error("a notice is given up", alert=id_, reason=tried.error, attempts=tried.attempts)

    async def _notice(self, letter: Letter) -> Notice:
        marks = await self._door.marks()
        artist = self._means.artist if self._door.target.shows_charts else None
        chart = await artist.chart_of(letter.alert, marks) if artist is not None else None
        return Notice(letter.alert, marks, chart)

    async def _heed(self, outcome: Outcome, seed: str) -> None:
        """Leave the target alone for as long as it asks, or as it seems to need."""
        self._failures = self._failures + 1 if outcome.kind == "postponed" else 0
        wait = outcome.wait
        if wait is None and self._failures:
            wait = backoff(self._failures, f"{self.name} {seed}", LONGEST_PAUSE)
        if wait:
            await self._door.pause(wait)

    async def count(self) -> None:
        """Show how much waits, and how much was given up."""
        waiting = await self._redis.run(notices.waiting(self._keys, self.name))
        dead = await self._redis.run(notices.count_dead(self._keys))
        exchange = self._door.means.exchange
        metrics.NOTICES_WAITING.labels(exchange, self.name).set(waiting)
        metrics.DEAD_NOTICES.labels(exchange).set(dead)
