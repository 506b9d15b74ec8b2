"""What an actor has done, in plain numbers: counted by its own thread, read by whoever asks for metrics."""

from bisect import bisect_left
from collections import Counter

BOUNDS = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
"""Upper bounds of the buckets of times, in seconds."""
MOST_NAMES = 20
"""Kinds of exceptions that are told apart."""


class Histogram:
    """Times in seconds. ``counts``: per bucket, the last is for what is above all bounds."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float, times: int = 1) -> None:
        """Count ``times`` events that took so long each."""
        self.counts[bisect_left(BOUNDS, seconds) if seconds > BOUNDS[0] else 0] += times
        self.total += seconds * times


class Stats:
    """Of one actor, all its incarnations taken together. What has been given up writes into one that nobody reads."""

    __slots__ = (
        "control", "dropped", "exceptions", "failed", "fenced", "hangs", "last_message", "processing", "told", "wait",
    )  # fmt: skip

    def __init__(self) -> None:
        self.told = self.control = self.failed = self.fenced = self.hangs = 0
        self.last_message = 0.0  # when one was last done, monotonic seconds
        self.processing, self.wait = Histogram(), Histogram()
        self.dropped: Counter[str] = Counter()  # by policy
        self.exceptions: Counter[tuple[str, str]] = Counter()  # by class and by where it came from

    def raised(self, error: BaseException, via: str) -> None:
        """Count an exception; ``via``: start, tell, or main, which is everything else."""
        name = type(error).__name__
        if (name, via) not in self.exceptions and len(self.exceptions) >= MOST_NAMES:
            name = "other"
        self.exceptions[name, via] += 1
