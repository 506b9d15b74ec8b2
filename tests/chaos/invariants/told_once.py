"""Each candle is told once, its corrections in order, and in the end the stream has said what is stored."""

from collections import Counter
from collections.abc import Iterator

from livermore.market.candle import Candle, Series
from livermore.market.instant import iso
from tests.chaos.checker import Evidence


def broken(evidence: Evidence) -> Iterator[str]:
    closed = Counter((c.series, c.open_time) for _, c in evidence.told("candle_close"))
    yield from (f"{series} {at} was told {n} times" for (series, at), n in closed.items() if n > 1)
    yield from _out_of_order(evidence)
    corrected = [(str(c.series), iso(c.open_time)) for _, c in evidence.told("candle_corrected")]
    for (series, at), n in evidence.ledger.signals().items():
        again = sum(1 for other, since in corrected if other == series and since <= at)
        if n > 1 + again:
            yield f"the signal of {series} {at} was told {n} times, after {again} corrections"


def _out_of_order(evidence: Evidence) -> Iterator[str]:
    last: dict[tuple[Series, int], Candle] = {(c.series, c.open_time): c for _, c in evidence.told("candle_close")}
    for _, candle in evidence.told("candle_corrected"):
        before = last.get((candle.series, candle.open_time))
        if before is not None and candle.revision != before.revision + 1:
            yield f"{candle.series} {candle.open_time} went from revision {before.revision} to {candle.revision}"
        last[candle.series, candle.open_time] = candle
    held = {(c.series, c.open_time): c for all_ in evidence.ledger.candles.values() for c in all_}
    for of, candle in last.items():
        if of in held and held[of] != candle:
            yield f"{candle.series} {candle.open_time} is stored otherwise than it was told last"
