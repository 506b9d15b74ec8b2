"""Gaps: spans of a series that the wire cannot vouch for, why, and what REST said of them in the end."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from livermore.market.candle import Series


class Cause(StrEnum):
    """Why the wire cannot vouch for a bucket."""

    DISCONNECT = "disconnect"
    SEQUENCE_GAP = "sequence_gap"
    EXCHANGE_DOWN = "exchange_down"
    NOT_RUNNING = "not_running"
    SILENCE = "silence"
    """The connection was open, but did not say what was traded."""
    LATE_TRADE = "late_trade"
    """A trade came in after its bucket was closed: no hole, but a candle to be corrected."""
    UNCLOSED = "unclosed"
    """The exchange did not say that the bucket is over: usual for symbols that are not traded."""

    @property
    def is_hole(self) -> bool:
        """Whether something was missed, which belongs into the ledger; the others are only asked about again."""
        return self not in {Cause.LATE_TRADE, Cause.UNCLOSED}


class Verdict(StrEnum):
    """What became of a gap; None as long as REST has not spoken."""

    NO_TRADES = "no_trades"
    REPAIRED = "repaired"
    UNREPAIRED = "unrepaired"


class Gap(NamedTuple):
    """Buckets with open times (ms) ``first`` to ``last``, both included, of one series.

    ``traded``: the wire has seen trades in it, so that REST has to have a candle.
    """

    series: Series
    first: int
    last: int
    cause: Cause
    traded: bool = False

    @property
    def end(self) -> int:
        """The first moment (ms) after it."""
        return self.last + self.series.timeframe.ms


GIVE_UP = 600_000
"""How long (ms of market time) after a gap REST may deny a candle that the wire has seen."""


def verdict(gap: Gap, found: Collection[int], now: int) -> Verdict | None:
    """What REST's answer makes of a gap that lies within it. None: REST lags behind, and is to be asked again.

    ``found``: the open times (ms) of the candles in the answer; ``now``: market time, ms.
    """
    if any(gap.first <= open_time <= gap.last for open_time in found):
        return Verdict.REPAIRED
    if not gap.traded:
        return Verdict.NO_TRADES
    return Verdict.UNREPAIRED if now > gap.end + GIVE_UP else None
