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
    gaps: list[GapItem]


NOTHING_KNOWN = Holes(complete=False, gaps=[])


def holes(ledger: Sequence[PublicGap], low: int, high: int, timeframe: Length, known: Known) -> Holes:
    """Of the buckets with open times (ms) ``low`` to ``high``; there are none, where the first is the later one.

    ``ledger``: all gaps of the series that are kept, ascending.
    """
    inside = [gap for gap in ledger if gap.start_time < iso(high + timeframe.ms) and gap.end_time > iso(low)]
    settled = all(gap.verdict not in {OPEN, Verdict.UNREPAIRED} for gap in inside)
    sure = settled and not (cut(ledger) and iso(low) < ledger[0].start_time)
    return Holes(low > high or (sure and known.since <= low and high <= known.through), shown(inside))


def cut(ledger: Sequence[PublicGap]) -> bool:
    """Whether there may have been older gaps, which are no longer kept."""
    return len(ledger) >= KEPT_OF_SERIES


def shown(ledger: Sequence[PublicGap]) -> list[GapItem]:
    """What the public may see of gaps; not checked again, for a word of a newer writer's is better than no answer."""
    names = tuple(GapItem.model_fields)
    return [GapItem.model_construct(None, **{name: getattr(gap, name) for name in names}) for gap in ledger]
