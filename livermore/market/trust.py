"""What of a REST answer can be trusted: a candle that cannot be true keeps its bucket unknown, for a while."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from livermore.market.candle import Candle, fault
from livermore.market.due import Page
from livermore.market.gap import GIVE_UP, Cause, Gap


class Trusted(NamedTuple):
    """``page`` and ``candles``: what the answer settles, nothing if the page is None; ``refused``: candles that cannot
    be true; ``lost``: buckets of such candles that are given up.
    """

    page: Page | None
    candles: Sequence[Candle]
    refused: Sequence[Candle]
    lost: Sequence[Gap]


def trusted(page: Page, found: Sequence[Candle], now: int) -> Trusted:
    """The part of an answer before the first candle that may still be put right. ``now``: the exchange's time, ms."""
    timeframe = page.series.timeframe
    refused = [candle for candle in found if fault(candle) is not None]
    buckets = sorted({timeframe.floor(candle.open_time) for candle in refused})
    hoped_for = [at for at in buckets if now <= at + timeframe.ms + GIVE_UP]
    last = min(page.last, hoped_for[0] - timeframe.ms) if hoped_for else page.last
    sound = [candle for candle in found if candle not in refused and candle.open_time <= last]
    lost = [Gap(page.series, at, at, Cause.QUARANTINED, traded=True) for at in buckets if at <= last]
    return Trusted(replace(page, last=last) if page.first <= last else None, sound, refused, lost)
