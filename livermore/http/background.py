"""Works beside the answering of requests: they are held while they run, and given up when the front stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from livermore.errors import Transient

_logger = structlog.get_logger("livermore.http")

T = TypeVar("T")


class Background:
    """The works that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Do this aside; the caller looks after what becomes of it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def forget(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do this aside; nobody asks what becomes of it."""
        self.start(work).add_done_callback(self._log)

    @staticmethod
    def _log(task: "asyncio.Task[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Transient):
            _logger.info("put off", reason=str(error))
        elif error is not None:
            _logger.error("failed aside", exc_info=error)

    async def close(self) -> None:
        """Give up what is left."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
