"""The guests of a front: open streams, and requests that are being answered."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from livermore import metrics
from livermore.store.api_keys import ApiKey

if TYPE_CHECKING:
    from livermore.http.stream_handler import StreamHandler


class Guests:
    """``streams`` are open, whether they have been let in or not."""

    def __init__(self) -> None:
        self.streams: set[StreamHandler] = set()
        self._by_key: Counter[str] = Counter()
        self._answering = 0
        self._alone = asyncio.Event()
        self._alone.set()

    def come(self, stream: "StreamHandler") -> None:
        """A stream is open."""
        self.streams.add(stream)
        metrics.STREAMS.set(len(self.streams))
        self._look()

    def leave(self, stream: "StreamHandler", key: ApiKey | None) -> None:
        """A stream is over; ``key``: the one it was let in with."""
        self.streams.discard(stream)
        metrics.STREAMS.set(len(self.streams))
        if key is not None:
            self._by_key[key.key_id] -= 1
            self._by_key += Counter()  # forgets those who have none left
        self._look()

    def seat(self, key: ApiKey) -> bool:
        """Count one more stream of a key, unless it has as many as it may."""
        free = self._by_key[key.key_id] < key.connections
        self._by_key[key.key_id] += free
        return free

    def seated(self, key_id: str) -> int:
        """How many streams of a key are open."""
        return self._by_key[key_id]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While a request is being answered."""
        self._answering += 1
        self._look()
        try:
            yield
        finally:
            self._answering -= 1
            self._look()

    async def gone(self, within: float) -> None:
        """Wait until nobody is left, for at most so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._alone.wait()

    def _look(self) -> None:
        if self.streams or self._answering:
            self._alone.clear()
        else:
            self._alone.set()
