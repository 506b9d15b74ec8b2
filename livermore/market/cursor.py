"""Cursors: how far a series is known, minutes without trades included."""

from typing import NamedTuple

from livermore.market.timeframe import Length, Rolled, Timeframe

STALE_SLACK = 10_000
LEAST_KEPT = 350
"""A series that has fewer candles has not been trimmed: all of what is known of it has to be there."""


class Cursor(NamedTuple):
    """Open times (ms) from ``since`` through ``through`` are known; REST has confirmed them through ``confirmed``."""

    since: int
    through: int
    confirmed: int

    @classmethod
    def from_text(cls, text: str) -> "Cursor":
        """Read the stored form ``since:through:confirmed``."""
        since, through, confirmed = map(int, text.split(":"))
        return cls(since, through, confirmed)

    def holds(self, parent_open: int, child: Timeframe, parent: Timeframe) -> bool:
        """Whether every child bucket of one parent bucket is known, so that it can be rolled up."""
        return self.since <= parent_open and parent_open + parent.ms - child.ms <= self.through

    def kept(self, count: int, oldest: int | None) -> "Cursor":
        """What is known and still there, of a series that has ``count`` candles, the oldest opened then (ms).

        Only the newest candles are kept: where the first were given up, those before the oldest are no longer known.
        """
        if count < LEAST_KEPT or oldest is None:
            return self
        return self._replace(since=max(self.since, oldest))

    def rolled(self, whole: Rolled) -> "Cursor | None":
        """The same for buckets of ``whole``, where this is of its parts: those whose parts are all known, if any."""
        past = whole.part.ms
        since, *ends = whole.ceiling(self.since), *(whole.floor(at + past) - whole.ms for at in self[1:])
        return Cursor(since, *ends) if since <= ends[0] else None


def is_stale(through: int | None, timeframe: Length, now: int) -> bool:
    """Whether a series known through this open time (ms; None: not at all) lags behind the market time ``now``."""
    return through is None or now > through + 2 * timeframe.ms + STALE_SLACK


def age(through: int, timeframe: Length, now: int) -> int:
    """Seconds since the newest known bucket, which opened at ``through`` (ms), was over."""
    return max(0, now - through - timeframe.ms) // 1000
