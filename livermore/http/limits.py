"""Rate limits: token buckets, one for each name, that fill up evenly over a minute."""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

MOST_BUCKETS = 20_000
WINDOW = 60
"""Seconds in which an empty bucket becomes full."""


class Standing(NamedTuple):
    """Where somebody stands after a request: ``reset`` and ``retry_after`` in seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int

    @property
    def headers(self) -> dict[str, str]:
        """What every limited answer says, in the IETF's form and in the older one."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={WINDOW}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset}',
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


def standing(per_minute: int, tokens: float, *, allowed: bool, needed: float = 1.0) -> Standing:
    """Where somebody stands with so many tokens left; ``needed``: with how many the next request is allowed."""
    rate = max(1, per_minute) / WINDOW
    reset, wait = (math.ceil(max(0.0, lacking) / rate) for lacking in (per_minute - tokens, needed - tokens))
    return Standing(allowed, per_minute, int(tokens) if allowed else 0, reset, max(1, wait))


@dataclass
class Bucket:
    """``rate``: tokens per second; ``at``: when ``tokens`` was true, in seconds."""

    size: float
    rate: float
    tokens: float
    at: float

    def fill(self, now: float) -> None:
        """Add what has come in since."""
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)

    def take(self, now: float) -> bool:
        """Take a token, if there is one."""
        self.fill(now)
        allowed = self.tokens >= 1
        self.tokens -= allowed
        return allowed


class LocalLimiter:
    """Buckets of this process; the least used are forgotten."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    async def take(self, name: str, per_minute: int) -> Standing:
        """Count one request, if it is allowed."""
        bucket = self._bucket(name, per_minute)
        allowed = bucket.take(self._monotonic())
        return standing(per_minute, bucket.tokens, allowed=allowed)

    def look(self, name: str, per_minute: int) -> Standing:
        """Where somebody stands, without counting anything."""
        bucket = self._bucket(name, per_minute)
        bucket.fill(self._monotonic())
        return standing(per_minute, bucket.tokens, allowed=bucket.tokens >= 1)

    def _bucket(self, name: str, per_minute: int) -> Bucket:
        bucket = self._buckets.get(name)
        if bucket is None or bucket.size != per_minute:
            rate = max(1, per_minute) / WINDOW
            bucket = self._buckets[name] = Bucket(per_minute, rate, per_minute, self._monotonic())
        self._buckets.move_to_end(name)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket
