"""Limits that all fronts share: each draws blocks from a bucket in Redis, and limits by itself while it cannot."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

import structlog

from livermore import metrics
from livermore.clock import Clock
from livermore.errors import LivermoreError
from livermore.http.background import Background
from livermore.http.limits import MOST_BUCKETS, WINDOW, Bucket, LocalLimiter, Standing, standing
from livermore.store import allowance
from livermore.store.redis import AsyncRedisStore

_log = structlog.get_logger("livermore.http")

PATIENCE = 0.25
"""The longest that a request waits for Redis, in seconds."""
AGAIN = 1.0
"""Seconds after which Redis is asked again, once it did not answer in time."""
BLOCKS = 10
"""A block is this part of what a key may ask in a minute."""
LEAST = 100
"""What is left must be at least this part of it, or Redis is not asked: else an empty bucket would be asked at once."""


@dataclass
class _Share:
    """What this process has of a key's bucket. ``left``: what others could still draw when it drew last."""

    left: Bucket
    drawn_at: float
    held: int = 0
    drawing: "asyncio.Task[bool] | None" = None

    @property
    def tokens(self) -> float:
        return self.held + self.left.tokens


class SharedLimiter:
    """No process gives out more than the limit by itself; all together at most a block more for each of the others."""

    def __init__(self, redis: AsyncRedisStore, clock: Clock, background: Background) -> None:
        self._redis, self._clock, self._background = redis, clock, background
        self._here = LocalLimiter(clock.monotonic)
        self._shares: OrderedDict[str, _Share] = OrderedDict()
        self._ask_from = float("-inf")

    async def take(self, name: str, per_minute: int) -> Standing:
        """Count one request, if it is allowed."""
        here = self._here.look(name, per_minute)
        if not here.allowed:
            return here
        share, needed = self._share(name, per_minute), max(1.0, per_minute / LEAST)
        while not share.held:
            if share.left.tokens < needed:
                return standing(per_minute, share.left.tokens, allowed=False, needed=needed)
            if not await self._draw(name, share):
                metrics.LIMITED_ALONE.inc()
                return await self._here.take(name, per_minute)
        here = await self._here.take(name, per_minute)
        share.held -= here.allowed
        return here if share.tokens >= here.remaining else standing(per_minute, share.tokens, allowed=here.allowed)

    def _share(self, name: str, per_minute: int) -> _Share:
        now, share = self._clock.monotonic(), self._shares.get(name)
        if share is None or share.left.size != per_minute:
            share = self._shares[name] = _Share(Bucket(per_minute, per_minute / WINDOW, per_minute, now), now)
        if now - share.drawn_at >= WINDOW:
            share.held = 0  # by now the bucket is full without them
        share.left.fill(now)
        self._shares.move_to_end(name)
        if len(self._shares) > MOST_BUCKETS:
            self._shares.popitem(last=False)
        return share

    async def _draw(self, name: str, share: _Share) -> bool:
        """Draw a block, once for all who wait for it; gives whether Redis has answered."""
        if self._clock.monotonic() < self._ask_from:
            return False
        if share.drawing is None:
            share.drawing = self._background.start(self._ask(name, share))
        return await asyncio.shield(share.drawing)  # one who gives up waiting must not take it from the others

    async def _ask(self, name: str, share: _Share) -> bool:
        per_minute = int(share.left.size)
        query = allowance.draw(name, per_minute, max(1, per_minute // BLOCKS), self._clock.wall())
        try:
            async with asyncio.timeout(PATIENCE):
                drawn = await self._redis.run(query)
        except (LivermoreError, TimeoutError) as reason:
            self._ask_from = self._clock.monotonic() + AGAIN
            _log.warning("this process limits by itself", reason=str(reason) or "Redis is slow")
            return False
        finally:
            share.drawing = None
        share.drawn_at = share.left.at = self._clock.monotonic()
        share.held, share.left.tokens = share.held + drawn.taken, drawn.left
        return True
