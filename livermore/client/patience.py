"""Patience: how long to wait before the next attempt, and when to give up."""

import asyncio
import random
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]

FIRST, LONGEST = 0.5, 30.0
"""Seconds: the bound of the first wait, which doubles from one to the next, and that of all."""


class Patience:
    """For one attempt after the other; the waits are random, so that clients do not come back all at once."""

    def __init__(self, seconds: float, sleep: Sleep = asyncio.sleep) -> None:
        """``seconds``: what all waits together may come to."""
        self._sleep = sleep
        self.renew(seconds)

    def renew(self, seconds: float) -> None:
        """An attempt was good: begin anew."""
        self._left, self._attempts = seconds, 0

    async def wait(self, at_least: float = 0.0) -> bool:
        """Wait, and say whether to try again: not if that would take too long. ``at_least``: seconds."""
        chance = random.uniform(0, min(LONGEST, FIRST * 2**self._attempts))  # noqa: S311 - no secret
        delay = max(at_least, chance)
        if delay > self._left:
            return False
        self._left -= delay
        self._attempts = min(self._attempts + 1, 10)
        await self._sleep(delay)
        return True
