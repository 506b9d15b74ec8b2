"""What of a REST answer can be trusted: it may lag behind, or tell of a candle that cannot be true."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from livermore.market.candle import Candle, fault
from livermore.market.due import Page
from livermore.market.gap import GIVE_UP, Cause, Gap
from livermore.market.timeframe import Timeframe

LAG = 30_000
"""How long (ms) after its end the newest buckets may be missing in an answer although there was trade in them."""


def reach(candles: Sequence[Candle]) -> int:
    """Up to which moment (ms) an answer reaches, as far as that shows: a larger candle is told from its first trade."""
    return max((c.open_time + c.timeframe.ms for c in candles if c.timeframe is Timeframe.M1), default=0)


class Trusted(NamedTuple):
    """``page`` and ``candles``: what the answer settles, nothing if the page is None; ``refused``: candles that cannot
    be true; ``lost``: buckets of such candles that are given up.
    """

    page: Page | None
    candles: Sequence[Candle]
    refused: Sequence[Candle]
    lost: Sequence[Gap]


def trusted(page: Page, found: Sequence[Candle], now: int, told: int = 0) -> Trusted:
    """The part of an answer before what may still be added to it or put right. ``now``: the exchange's time, ms.

    ``told``: up to which moment (ms) the exchange's answers about other symbols reach.
    """
    timeframe = page.series.timeframe
    newest = max((timeframe.floor(candle.open_time) for candle in found), default=0)
    complete = min(page.last, max(newest, timeframe.last_closed(max(now - LAG, told))))
    refused = [candle for candle in found if fault(candle) is not None]
    buckets = sorted({timeframe.floor(candle.open_time) for candle in refused})
    hoped_for = [at for at in buckets if now <= at + timeframe.ms + GIVE_UP]
    last = min(complete, hoped_for[0] - timeframe.ms) if hoped_for else complete
    sound = [candle for candle in found if candle not in refused and candle.open_time <= last]
    lost = [Gap(page.series, at, at, Cause.QUARANTINED, traded=True) for at in buckets if at <= last]
    return Trusted(replace(page, last=last) if page.first <= last else None, sound, refused, lost)
