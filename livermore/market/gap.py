"""Gaps: spans of a series that the wire cannot vouch for, why, and what REST said of them in the end."""

from collections.abc import Collection, Iterable, Iterator
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
    QUARANTINED = "quarantined"
    """The exchange has a candle that cannot be true."""
    LATE_TRADE = "late_trade"
    """A trade came in after its bucket was closed: no hole, but a candle to be corrected."""
    UNCLOSED = "unclosed"
    """The exchange did not say that the bucket is over: usual for symbols that are not traded."""
    UNPROVEN = "unproven"
    """The wire told of no more trades before it was lost; had it fallen silent, only a later one would have shown."""
    AUDIT = "audit"
    """An audit has found that REST says something else than what is stored."""

    @property
    def is_hole(self) -> bool:
        """Whether something was missed, which belongs into the ledger; the others are only asked about again."""
        return self not in {Cause.LATE_TRADE, Cause.UNCLOSED, Cause.UNPROVEN, Cause.AUDIT}


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


LONGEST = 300
"""Buckets of one gap: no more than one page of REST can answer."""


def joined(gaps: Iterable[Gap]) -> list[Gap]:
    """The same gaps, those of one series and cause that adjoin as one; none is longer than `LONGEST`."""
    found: list[Gap] = []
    for gap in sorted(gaps):
        before = found[-1] if found else None
        if before is not None and before.end == gap.first and _alike(before, gap):
            found[-1] = before._replace(last=gap.last)
        else:
            found.append(gap)
    return [piece for gap in found for piece in _pieces(gap)]


def _alike(one: Gap, other: Gap) -> bool:
    return (one.series, one.cause, one.traded) == (other.series, other.cause, other.traded)


def _pieces(gap: Gap) -> Iterator[Gap]:
    step = LONGEST * gap.series.timeframe.ms
    for first in range(gap.first, gap.last + 1, step):
        yield gap._replace(first=first, last=min(gap.last, first + step - gap.series.timeframe.ms))


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
