"""Cursors: how far a series is known, minutes without trades included."""

from typing import NamedTuple

from livermore.market.timeframe import Timeframe

STALE_SLACK = 10_000


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


def is_stale(through: int | None, timeframe: Timeframe, now: int) -> bool:
    """Whether a series known through this open time (ms; None: not at all) lags behind the market time ``now``."""
    return through is None or now > through + 2 * timeframe.ms + STALE_SLACK
