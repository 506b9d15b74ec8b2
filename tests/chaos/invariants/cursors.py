"""A cursor never runs ahead of what is stored, but over a bucket that the ledger admits not to have heard of."""

from collections.abc import Iterator

from tests.chaos.checker import Evidence


def broken(evidence: Evidence) -> Iterator[str]:
    for series, open_time in sorted(evidence.recorder.ahead):
        if not evidence.in_gap(series, open_time):
            yield f"{series} was known through {open_time} while that candle was not stored"
