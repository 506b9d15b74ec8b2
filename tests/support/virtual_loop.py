"""An asyncio event loop whose time is virtual: nothing is waited for, and the same work gives the same order."""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class Deadlock(RuntimeError):
    """Nothing is left that could ever happen."""


class _Selector(selectors.BaseSelector):
    """Watches no file: instead of waiting it moves the loop's clock on."""

    def __init__(self) -> None:
        self.loop: VirtualLoop | None = None

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return selectors.SelectorKey(fileobj, 0, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return selectors.SelectorKey(fileobj, 0, 0, None)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert self.loop is not None
        if timeout is None:
            raise Deadlock("the virtual world stands still: no timer is set and nobody is ready")
        self.loop.seconds += max(0.0, timeout)
        return []

    def get_map(self) -> dict[Any, selectors.SelectorKey]:
        return {}

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        raise KeyError(fileobj)


class VirtualLoop(asyncio.SelectorEventLoop):
    """``seconds``: virtual time since its making. Work that is handed to threads is done at once."""

    def __init__(self) -> None:
        selector = _Selector()
        self.seconds = 0.0
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        return self.seconds

    def _write_to_self(self) -> None:
        """Nobody waits in a selector who had to be woken."""

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for the one who awaits it
            future.set_exception(error)
        return future


class VirtualClock:
    """The clock of a virtual loop: market and wall time are one. ``skew``: how far (ms) it is ahead of true time."""

    speed = 1.0
    skew = 0

    def __init__(self, loop: VirtualLoop, start: int) -> None:
        """``start``: ms since the epoch at the loop's beginning."""
        self._loop, self._start = loop, start

    def now(self) -> int:
        return self._start + int(self._loop.time() * 1000) + self.skew

    def wall(self) -> int:
        return self.now()

    def monotonic(self) -> float:
        return self._loop.time()
