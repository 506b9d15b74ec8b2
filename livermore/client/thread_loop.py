"""An event loop in a thread of its own, for callers that have none, or have one that must not wait."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Generator
from typing import TypeVar

T = TypeVar("T")


class ThreadLoop:
    """Runs until it is closed, or the program ends."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="livermore-client", daemon=True)
        self._thread.start()

    def call(self, work: Awaitable[T]) -> T:
        """Wait for something that is done in the loop."""

        async def done() -> T:
            return await work

        task = asyncio.run_coroutine_threadsafe(done(), self._loop)
        try:
            return task.result()
        except BaseException:  # such as Ctrl+C, which is nothing that happened in the loop
            task.cancel()
            raise

    def iterate(self, source: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        """Go through something that comes bit by bit."""
        try:
            while (found := self.call(anext(source, None))) is not None:
                yield found
        finally:
            if not self._loop.is_closed():
                self.call(source.aclose())

    def close(self) -> None:
        """Stop, and wait for the thread."""
        if self._loop.is_closed():
            return
        self.call(self._loop.shutdown_asyncgens())
        self.call(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
