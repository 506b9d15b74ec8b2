"""The analysis of a series: what people read in its newest values, for the admin side."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from livermore.http.directory import Market
from livermore.http.refusal import not_found
from livermore.http.snapshot import INDICATOR
from livermore.market.analysis import crossover, divergence, scalping_bias, zone
from livermore.market.candle import Series
from livermore.market.cursor import is_stale
from livermore.market.instant import iso
from livermore.store import candles, signals

if TYPE_CHECKING:
    from livermore.http.front import Front

PLAIN = "macd"
"""The indicator that a divergence is told against, where the tree has it computed, too."""
Point = tuple[int, float | None, float | None]
"""Open time (ms), value, signal line."""


async def analysis(front: "Front", series: Series, market: Market, count: int) -> dict[str, Any]:
    """Zone, crossover, scalping bias and divergence of `reference.md` 7.4 beside the values they are read off.

    None stands for what cannot be told: all of them without a value, the divergence also without plain MACD. The newest
    ``count`` bars come with them, ascending.

    Raises:
        Refusal: no signal of the series is stored.
    """
    (record,), trail, plain, (known,), stored = await asyncio.gather(
        front.redis.run(signals.records(market.keys, [series], INDICATOR)),
        front.redis.run(signals.trail(market.keys, series, INDICATOR)),
        front.redis.run(signals.trail(market.keys, series, PLAIN)),
        front.redis.run(candles.cursors_of(market.keys, [series])),
        front.redis.run(candles.count(market.keys, series)),
    )
    if record is None:
        raise not_found("Signal", "timeframe")
    stale = is_stale(known.through if known else None, series.timeframe, front.clock.now())
    facts = {name: record["params"][name] for name in ("stage", "liquidity", "gapRatio")}
    validity = {name: record["validity"][name] for name in ("ready", "reason")}
    points, plainly = _points(trail, record), _points(plain, record)
    read = _read(record["value"], record["params"]["stage"], points, plainly)
    told = {"timestamp": iso(record["timestamp"]), **record["value"], **facts, **read, **validity, "stale": stale}
    return told | _bars(points, plainly, count) | {"macd": _macd(record["value"]), "candle_count": stored}


def _points(trail: Sequence[bytes], record: dict[str, Any]) -> list[Point]:
    """Those up to the record's candle, as the trail may have gone on since."""
    points = (msgspec.json.decode(data, type=Point) for data in trail)
    return [point for point in points if point[0] <= record["timestamp"]]


def _bars(points: Sequence[Point], plain: Sequence[Point], count: int) -> dict[str, Any]:
    """The newest bars: their histograms, the one before the newest by itself, and MACD-V beside plain MACD."""
    macd = {at: value for at, value, _ in plain}
    drawn = [(at, value, None if None in (value, line) else value - line) for at, value, line in points]  # type: ignore[operator]
    newest = drawn[-count:]
    return {
        "histogram_prev": drawn[-2][2] if len(drawn) > 1 else None,
        "histogram_series": [{"timestamp": iso(at), "value": distance} for at, _, distance in newest],
        "macd_series": [{"timestamp": iso(at), "macd": macd.get(at), "macdV": value} for at, value, _ in newest],
    }


def _macd(value: dict[str, float | None]) -> float | None:
    fast, slow = value.get("fastEMA"), value.get("slowEMA")
    return None if fast is None or slow is None else fast - slow


def _read(value: dict[str, Any], stage: str, points: Sequence[Point], plain: Sequence[Point]) -> dict[str, str | None]:
    names = ("zone", "crossover", "scalping_bias", "divergence")
    if value["macdV"] is None or len(points) < 2:
        return dict.fromkeys(names)
    _, before, line = points[-2]
    where = zone(value["macdV"])
    told = (
        where,
        crossover(value["histogram"], None if before is None or line is None else before - line),
        scalping_bias(where, stage, value["histogram"]),
        divergence(_values(points), _values(plain)) if plain else None,
    )
    return dict(zip(names, told, strict=True))


def _values(points: Sequence[Point]) -> list[float]:
    return [value for _, value, _ in points if value is not None]
