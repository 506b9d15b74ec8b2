"""Waiting for conditions instead of for time."""

import asyncio
import time
from collections.abc import Callable

PATIENCE = 15.0


def until(condition: Callable[[], object], what: str) -> None:
    """Look again and again, without letting go of the thread for longer than a moment."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.001)


async def until_soon(condition: Callable[[], object], what: str) -> None:
    """The same in an event loop, whose other tasks go on meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.001)
