"""What a host's public API serves, beside what the simulated exchange really traded."""

from typing import Any, Protocol

from livermore.market.candle import Series
from livermore.market.instant import parse_iso
from livermore.market.timeframe import Timeframe
from livermore.simulator.market import Market

FIELDS = ("open", "high", "low", "close", "volume")


class Host(Protocol):
    """Whoever serves the public API."""

    def get(self, path: str, key: str) -> tuple[int, dict[str, Any]]:
        """Status and body of a request."""


def served(host: Host, key: str, series: Series) -> dict[int, tuple[str, ...]]:
    """All candles of a series, by open time (ms)."""
    path = f"/candles/{series.exchange}/{series.symbol}/{series.timeframe}?limit=1000"
    status, body = host.get(path, key)
    assert status == 200, body
    times = [parse_iso(item["timestamp"]) for item in body["data"]]
    assert times == sorted(set(times)), "candles ascend, each open time once"
    return {at: tuple(item[name] for name in FIELDS) for at, item in zip(times, body["data"], strict=True)}


def differences(host: Host, key: str, market: Market, now: int, settled_ms: int = 15_000) -> list[str]:
    """Every closed candle of every series that is missing, invented or wrong.

    ``now``: market time, ms; ``settled_ms``: how long ago (market time) a bucket must have ended to be looked for.
    """
    found = []
    for listing in market.listings:
        for timeframe in Timeframe:
            series = Series("coinbase", listing.symbol, timeframe)
            found += _differences(
                served(host, key, series), market, series, timeframe.last_closed(now - settled_ms), now
            )
    return found


def _differences(held: dict[int, tuple[str, ...]], market: Market, series: Series, last: int, now: int) -> list[str]:
    if not held:
        return [f"{series}: nothing at all"]
    truth = market.candles(series.symbol, series.timeframe, min(held), last, now)
    wanted = {c.open_time: (c.open, c.high, c.low, c.close, c.volume) for c in truth}
    held = {at: values for at, values in held.items() if at <= last}
    return [
        f"{series} {at}: traded {wanted.get(at)}, served {held.get(at)}"
        for at in sorted(wanted.keys() | held.keys())
        if wanted.get(at) != held.get(at)
    ]
