"""Values that are fetched when they are needed and kept for a while; whoever asks meanwhile shares one fetch."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar, cast

from livermore.errors import Transient
from livermore.http.background import Background

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds for which a source is waited for while there is an older value that will do."""


class Cached(Generic[T]):
    """``lifetime`` says for how many seconds a value is kept; ``grace``: how much longer while its source is down.

    Without ``grace`` that is not at all.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[T]],
        lifetime: Callable[[T], float],
        monotonic: Callable[[], float],
        background: Background,
        *,
        grace: Callable[[T], float] = lambda _: 0.0,
    ) -> None:
        self._fetch, self._lifetime, self._grace = fetch, lifetime, grace
        self._monotonic, self._background = monotonic, background
        self._fresh_until = self._good_until = float("-inf")
        self._task: asyncio.Task[T] | None = None
        self._in_vain = False
        self.value: T | None = None
        """The newest value, however old."""

    async def get(self) -> T:
        """The value.

        Raises:
            Transient: the source cannot answer, and has not for longer than the grace.
        """
        if self._monotonic() < self._fresh_until:
            return cast("T", self.value)
        renewal, kept = self._renewal(), self.kept
        if kept and self._in_vain:
            return cast("T", self.value)
        try:
            async with asyncio.timeout(PATIENCE if kept else None):
                return await asyncio.shield(renewal)  # one who gives up waiting must not take it from the others
        except (Transient, TimeoutError):
            if not kept:
                raise
            self._in_vain = True
            return cast("T", self.value)

    def expire(self) -> None:
        """Have the next who ask fetch it anew; what is being fetched now may be from before."""
        self._fresh_until = float("-inf")
        self._task = None

    @property
    def kept(self) -> bool:
        """Whether there is a value that would do, were its source down."""
        return self._monotonic() < self._good_until

    def _renewal(self) -> "asyncio.Task[T]":
        if self._task is None:
            self._task = self._background.start(self._renew())
            self._task.add_done_callback(self._done)
        return self._task

    async def _renew(self) -> T:
        value = await self._fetch()
        if self._task is not asyncio.current_task():
            return value  # it has expired meanwhile: good for those who asked before, and for nobody else
        self.value, self._in_vain = value, False
        self._fresh_until = self._monotonic() + self._lifetime(value)
        self._good_until = self._fresh_until + self._grace(value)
        return value

    def _done(self, task: "asyncio.Task[T]") -> None:
        if self._task is task:
            self._task = None
        if not task.cancelled():
            task.exception()  # those who still wait are told; if nobody does, it is no news
