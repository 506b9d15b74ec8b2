"""Turns at a server: so many at once, so many wait, and while it does not answer one tries and others are refused."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from livermore.errors import Transient

T = TypeVar("T")

MOST = 200
"""Who may wait for a turn."""


class Turns:
    """For one event loop. Without it, a hung server would let everybody wait for everybody before."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._waiting = self._trying = 0
        self._refusal: Transient | None = None

    async def take(self, work: Callable[[], "asyncio.Future[T]"]) -> T:
        """Do this when it has its turn, which it keeps until it is done, even if nobody waits for it any more.

        Raises:
            Transient: too many wait, or the server has failed, and somebody else is trying it at this moment.
        """
        self._refuse()
        if self._waiting >= MOST:
            raise Transient("SQL has more to do than it can")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            self._refuse()
            doing = work()
        except BaseException:
            self._free.release()
            raise
        self._trying += 1
        doing.add_done_callback(self._done)
        return await asyncio.shield(doing)

    def _refuse(self) -> None:
        if self._refusal is not None and self._trying:
            raise Transient(str(self._refusal), retry_after=self._refusal.retry_after)

    def _done(self, doing: "asyncio.Future[T]") -> None:
        self._trying -= 1
        self._free.release()
        if not doing.cancelled():
            error = doing.exception()
            self._refusal = error if isinstance(error, Transient) else None
