"""A stream of events that connects again by itself, and goes on where it was."""

import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from math import inf
from typing import Self

import msgspec

from livermore.client.connection import BrokenError, Connection
from livermore.client.errors import UnexpectedError, UnreachableError
from livermore.client.events import Event, NotResumed, placed, unplaced
from livermore.client.patience import Patience, Sleep
from livermore.client.progress import Progress
from livermore.client.visit import Asked, Visit

_log = logging.getLogger("livermore.client")


class Stream:
    """An asynchronous iterator over events, each of which is given once; it never ends by itself.

    To go on in another process, keep `place` after an event has been dealt with, and give it as ``resume_from``. What
    came after it is given then; where it was kept while something was being made up for, some of that comes once more.

    Raises, where the next event is waited for:
        StreamError: the key is not good for it, or a channel is none.
        ApiError: the server refuses the connection.
        UnreachableError: the first connection could not be made in time. Later ones are tried for ever.
        UnexpectedError: it is no such server.
    """

    def __init__(
        self,
        open_: Callable[[], Awaitable[Connection]],
        asked: Asked,
        *,
        resume_from: str | None,
        snapshot: bool,
        patience: float,
        sleep: Sleep,
    ) -> None:
        self._open, self._asked, self._sleep = open_, asked, sleep
        self._progress, self._snapshot = Progress(resume_from), snapshot
        self._patience = Patience(patience, sleep)
        self._begun = False
        self._events = self._run()

    @property
    def place(self) -> str | None:
        """The id up to which every event has been given; None as long as it is not known."""
        return self._progress.place

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        return await anext(self._events)

    async def aclose(self) -> None:
        """End it, and hang up."""
        await self._events.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _run(self) -> AsyncGenerator[Event, None]:
        while True:
            within: float | None = None
            try:
                connection = await self._open()
                visit = Visit(self._asked, self._progress, connection, self._sleep)
                try:
                    async with aclosing(self._heard(visit, connection)) as heard:
                        async for event in heard:
                            yield event
                finally:
                    within = visit.within
                    await connection.close()
            except BrokenError as broken:
                await self._pause(broken, within)

    async def _heard(self, visit: Visit, connection: Connection) -> AsyncGenerator[Event, None]:
        """What is new on one connection, until it breaks."""
        lost = self._begun and self._progress.place is None
        await visit.begin(snapshot=lost or (self._snapshot and not self._begun))
        self._begun = True
        if lost:
            yield NotResumed(since=None)
        while True:
            said, text = await connection.read()
            try:
                event, other = placed(said.type, text), unplaced(said.type, said.channel, text)
            except msgspec.DecodeError as error:
                raise UnexpectedError(str(error)) from error
            if event is not None and self._progress.take(event.id):
                yield event
            news = other or await visit.heed(said)
            if news is not None:
                yield news
            if visit.caught_up:
                self._patience.renew(inf)

    async def _pause(self, broken: BrokenError, within: float | None) -> None:
        _log.info("the stream is connected again: %s", broken)
        if within is not None:
            await self._sleep(random.uniform(0, within))  # noqa: S311 - no secret
        elif not await self._patience.wait():
            raise UnreachableError(str(broken)) from broken
