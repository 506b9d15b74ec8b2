"""Every closed candle is stored as the exchange traded it, or lies in a gap of the ledger."""

from collections import Counter
from collections.abc import Iterator

from livermore.market.candle import Candle, Series
from tests.chaos.checker import Evidence
from tests.chaos.outstanding import same

SETTLED = 20_000
"""Milliseconds after its end by which a bucket has to be known."""


def broken(evidence: Evidence) -> Iterator[str]:
    for series in evidence.ledger.series:
        yield from (f"{series} {what}" for what in _broken(evidence, series))


def _broken(evidence: Evidence, series: Series) -> Iterator[str]:
    cursor = evidence.ledger.cursors.get(str(series))
    if cursor is None:
        if evidence.world.truth(series.symbol, series.timeframe, evidence.world.start, 1 << 60):
            yield "is not known at all"
        return
    over = series.timeframe.last_closed(evidence.world.clock.now() - SETTLED)
    if cursor.through < over:
        yield f"is known through {cursor.through} only, {(over - cursor.through) // series.timeframe.ms} buckets behind"
    truth = evidence.world.truth(series.symbol, series.timeframe, cursor.since, cursor.through)
    held = [c for c in evidence.ledger.candles[series] if cursor.since <= c.open_time <= cursor.through]
    yield from (f"{at} is stored {n} times" for at, n in Counter(c.open_time for c in held).items() if n > 1)
    yield from _differences(evidence, {c.open_time: c for c in truth}, {c.open_time: c for c in held})


def _differences(evidence: Evidence, truth: dict[int, Candle], held: dict[int, Candle]) -> Iterator[str]:
    for at in sorted(truth.keys() | held.keys()):
        true, found = truth.get(at), held.get(at)
        if true is not None and found is not None and _is_a_version(evidence, true, found):
            continue
        series = (true or found or next(iter(held.values()))).series
        if not evidence.in_gap(series, at, "open", "unrepaired"):
            yield f"{at}: traded {_shown(true)}, stored {_shown(found)}"


def _is_a_version(evidence: Evidence, true: Candle, found: Candle) -> bool:
    if same(true, found):
        return True
    versions = evidence.world.market.versions(true, evidence.world.clock.now())
    return any(same(version, found) for version in versions)


def _shown(candle: Candle | None) -> str:
    if candle is None:
        return "nothing"
    return f"{candle.open} {candle.high} {candle.low} {candle.close} {candle.volume} revision {candle.revision}"
