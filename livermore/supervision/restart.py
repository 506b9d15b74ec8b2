"""Restart arithmetic: how many failures are too many, and how long to wait before the next attempt."""

from collections import deque

from livermore.supervision.spec import BackoffKeys


class Intensity:
    """At most ``limit`` failures within a sliding ``period`` (seconds); one that is exactly as old no longer counts."""

    def __init__(self, limit: int, period: float) -> None:
        self.limit, self.period = limit, period
        self.times: deque[float] = deque()

    def exceeded(self, now: float) -> bool:
        """Count a failure at ``now`` (monotonic seconds): is it one too many?"""
        self.times.append(now)
        return self.used(now) > self.limit

    def used(self, now: float) -> int:
        """How many failures count at ``now``."""
        while self.times and now - self.times[0] >= self.period:
            self.times.popleft()
        return len(self.times)


def delay(keys: BackoffKeys, attempt: int, luck: float) -> float:
    """Seconds before restart number ``attempt`` (from 0) since the last healthy spell; ``luck`` lies in [0, 1)."""
    if attempt == 0:
        return keys.first
    steps = min(attempt - 1, 64)  # a float overflows long before the cap would matter
    return min(keys.max, keys.min * keys.factor**steps) * (1 + keys.jitter * luck)
