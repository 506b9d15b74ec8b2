"""No candle is told as closed before its bucket is over by the exchange's clock."""

from collections.abc import Iterator

from tests.chaos.checker import Evidence


def broken(evidence: Evidence) -> Iterator[str]:
    for kind in ("candle_close", "candle_corrected"):
        for at, candle in evidence.told(kind):
            if at < candle.close_time:
                yield f"{candle.series} {candle.open_time} was told {candle.close_time - at} ms before its end"
