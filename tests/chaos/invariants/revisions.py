"""A candle is corrected only where the exchange has corrected itself, or where the ledger admits a gap."""

from collections.abc import Iterator

from livermore.market.candle import Candle
from tests.chaos.checker import Evidence


def broken(evidence: Evidence) -> Iterator[str]:
    for _, candle in evidence.told("candle_corrected"):
        if not _was_corrected(evidence, candle) and not evidence.in_gap(candle.series, candle.open_time):
            yield f"{candle.series} {candle.open_time} was corrected to revision {candle.revision} without a reason"


def _was_corrected(evidence: Evidence, candle: Candle) -> bool:
    corrected = (c.candle for c in evidence.world.market.corrections)
    return any(c.symbol == candle.symbol and candle.open_time <= c.open_time < candle.close_time for c in corrected)
