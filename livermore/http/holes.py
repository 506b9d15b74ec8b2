"""Holes: what was missed of an answered span of candles, and whether everything else in it is known."""

from collections.abc import Sequence
from typing import NamedTuple

from livermore.http.schemas import GapItem
from livermore.market.cursor import Cursor as Known
from livermore.market.gap import Verdict
from livermore.market.instant import iso
from livermore.market.timeframe import Length
from livermore.store.gaps import KEPT_OF_SERIES, OPEN, PublicGap


class Holes(NamedTuple):
    """``complete``: whether every bucket is known, so that one without a candle had no trades."""

    complete: bool
    gaps: list[PublicGap]

    @property
    def shown(self) -> list[GapItem]:
        """The gaps as the public sees them."""
        return [shown(gap) for gap in self.gaps]


NOTHING_KNOWN = Holes(complete=False, gaps=[])


def holes(ledger: Sequence[PublicGap], low: int, high: int, timeframe: Length, known: Known) -> Holes:
    """Of the buckets with open times (ms) ``low`` to ``high``; there are none, where the first is the later one.

    ``ledger``: all gaps of the series that are kept, ascending.
    """
    gaps = [gap for gap in ledger if gap.start_time < iso(high + timeframe.ms) and gap.end_time > iso(low)]
    settled = all(gap.verdict not in {OPEN, Verdict.UNREPAIRED} for gap in gaps)
    sure = settled and not (cut(ledger) and iso(low) < ledger[0].start_time)
    return Holes(low > high or (sure and known.since <= low and high <= known.through), gaps)


def cut(ledger: Sequence[PublicGap]) -> bool:
    """Whether there may have been older gaps, which are no longer kept."""
    return len(ledger) >= KEPT_OF_SERIES


def shown(gap: PublicGap) -> GapItem:
    """What the public may see of a gap."""
    return GapItem(start_time=gap.start_time, end_time=gap.end_time, cause=gap.cause, verdict=gap.verdict)
