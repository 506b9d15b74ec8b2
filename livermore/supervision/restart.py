"""Restart arithmetic: what an end asks for, how many failures are too many, and how long to wait before a new try."""

from collections import deque
from enum import StrEnum

from livermore.supervision.events import Reason
from livermore.supervision.spec import BackoffKeys


class Verdict(StrEnum):
    """What becomes of a child that has ended by itself."""

    RESTART = "restart"  # it failed, and that counts
    WAIT = "wait"  # it is tried again, and nothing is counted
    PARK = "park"  # only somebody's asking starts it again
    FORGET = "forget"  # it is over: a temporary child is removed, any other is done


def verdict(restart: str, reason: str) -> Verdict:
    """The table of OTP: ``restart`` is permanent, transient or temporary; see `Reason`."""
    if reason == Reason.WAITING:
        return Verdict.WAIT
    if reason == Reason.IGNORED or restart == "temporary":
        return Verdict.FORGET
    if reason == Reason.PERMANENT:
        return Verdict.PARK
    ended_well = reason in {Reason.FINISHED, Reason.STOPPED}
    return Verdict.FORGET if ended_well and restart == "transient" else Verdict.RESTART


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
    try:
        grown = keys.min * keys.factor ** (attempt - 1)
    except OverflowError:
        grown = keys.max if keys.min else 0.0
    return min(keys.max, grown) * (1 + keys.jitter * luck)


def unreachable(limit: int, period: float, keys: BackoffKeys) -> bool:
    """Whether a child that fails at once, again and again, would still never be one failure too many.

    ``limit`` + 1 failures have ``limit`` delays between them, and these get longer from the second on: so that either
    the first of them fit into the period, or those behind the first one, or none ever will.
    """
    all_but_last = all_but_first = 0.0
    for attempt in range(limit + 1):
        wait = delay(keys, attempt, luck=1.0)
        all_but_last += wait if attempt < limit else 0.0
        all_but_first += wait if attempt else 0.0
        if min(all_but_last, all_but_first) >= period:
            return True
    return False
