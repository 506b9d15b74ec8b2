"""The benchmark of boundaries: what counts as heard, and the echo beside it. A whole run takes a boundary's time."""

import asyncio
import json

from bench.boundaries import _delays, echo
from livermore.market.instant import iso
from tests.support.candles import T0
from tests.support.valkey import Valkey


def close(timeframe: str, timestamp: int, kind: str = "candle_close") -> str:
    return json.dumps({"type": kind, "data": {"timeframe": timeframe, "timestamp": iso(timestamp)}})


def test_a_close_is_late_by_what_has_passed_since_its_bucket_ended_and_older_ones_do_not_count() -> None:
    told = [
        (T0 + 60_500, close("1m", T0)),
        (T0 + 300_750, close("5m", T0)),
        (T0 + 301_000, close("1m", T0 + 240_000)),
        (T0 + 301_000, close("1m", T0 - 60_000)),
        (T0 + 301_000, close("1m", T0 + 240_000, "snapshot")),
    ]
    assert _delays(told, T0) == {"1m": [0.5, 1.0], "5m": [0.75]}


def test_an_echo_goes_through_redis_and_comes_back(empty_valkey: Valkey) -> None:
    found = asyncio.run(echo(empty_valkey.place, 0.5))
    assert found
    assert all(0 < took < 5 for took in found)
