"""The admin API of indicators: values, full records and series of values, what they mean, and portfolios of them."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from pydantic import Field

from livermore.http.answer import Answer, of_data
from livermore.http.directory import Market
from livermore.http.parameters import ExchangeName, Parameters, count
from livermore.http.portfolio import portfolio as table
from livermore.http.refusal import not_found
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN, SeriesParameters
from livermore.http.snapshot import INDICATOR
from livermore.market.candle import Series
from livermore.market.cursor import is_stale
from livermore.market.instant import iso
from livermore.store import candles, signals

if TYPE_CHECKING:
    from livermore.http.front import Front

INDICATORS = f"{ADMIN}/indicators"
OF_ONE = f"{INDICATORS}/{{exchange}}/{{symbol}}/{{timeframe}}"
TAG = "Indicators"
Kind = Literal["macd-v", "macd"]
KINDS = [
    {
        "type": "macd-v",
        "name": "MACD-V",
        "about": "MACD in hundredths of the average true range: values of all pairs can be compared",
        "values": ["macdV", "signal", "histogram", "fastEMA", "slowEMA", "atr"],
        "stages": ["oversold", "rebounding", "rallying", "overbought", "retracing", "reversing", "ranging", "unknown"],
        "zones": ["oversold", "deep_negative", "negative", "neutral", "positive", "elevated", "overbought"],
        "liquidity": ["high", "medium", "low"],
    },
    {
        "type": "macd",
        "name": "MACD",
        "about": "The difference of two moving averages in the price's own unit; only where the tree has it computed",
        "values": ["macd", "signal", "histogram"],
    },
]
_VALUE = {"macdV": 92.5, "signal": 80.25, "histogram": 12.25, "fastEMA": 1.5, "slowEMA": 1.25, "atr": 0.5}
_NEWEST = {
    "exchange": "coinbase", "symbol": "BTC-USD", "timeframe": "1h", "type": "macd-v",
    "timestamp": "2026-02-18T12:00:00.000Z", "close": "64250.15", "revision": 0, "stale": False,
}  # fmt: skip
_PARAMS = {"stage": "rallying", "liquidity": "high", "gapRatio": 0.0, "zeroRangeRatio": 0.0, "seeded": True,
           "nEff": 300, "spanBars": 300}  # fmt: skip
_VALIDITY = {"ready": True, "bars_used": 300, "observed_bars": 300, "residual_bound": 0.001, "reason": None}
_CELL = {"value": 60.5, "stage": "rallying", "ready": True, "stale": False}
_ROW = {
    "symbol": "BTC-USD", "price": "64250.15", "timeframes": {"1h": _CELL, "4h": _CELL, "1d": _CELL},
    "outlook": "STRONG BUY",
}  # fmt: skip


class IndicatorParameters(SeriesParameters):
    """Which indicator of which series."""

    type: Kind = INDICATOR  # type: ignore[assignment]  # it is one of them


class TrailParameters(IndicatorParameters):
    """The same, and how many of its values."""

    limit: count(500) = 100  # type: ignore[valid-type]  # a type that is made by a function


class PortfolioParameters(Parameters):
    """Which symbols."""

    exchange: ExchangeName
    symbols: list[Annotated[str, Field(min_length=1, max_length=50)]] = Field(min_length=1, max_length=100)


async def metadata(_: "Front", __: Parameters) -> Answer:
    """Which indicators there are, and what their words mean."""
    return of_data({"indicators": KINDS})


async def value(front: "Front", asked: IndicatorParameters) -> Answer:
    """The newest value."""
    market, series = await _series(front, asked)
    record, about = await _newest(front, market, series, asked.type)
    return of_data(about | {"value": record["value"], "ready": record["validity"]["ready"]})


async def record(front: "Front", asked: IndicatorParameters) -> Answer:
    """The newest value with all that is known of how it came about."""
    market, series = await _series(front, asked)
    found, about = await _newest(front, market, series, asked.type)
    return of_data(about | {**found["value"], **found["params"], "validity": found["validity"]})


async def trail(front: "Front", asked: TrailParameters) -> Answer:
    """The newest values, ascending."""
    market, series = await _series(front, asked)
    found = await front.redis.run(signals.trail(market.keys, series, asked.type))
    points = [_point(*msgspec.json.decode(one)) for one in found[-asked.limit :]]
    return of_data({"symbol": series.symbol, "timeframe": series.timeframe, "type": asked.type, "values": points})


async def portfolio(front: "Front", asked: PortfolioParameters) -> Answer:
    """What the larger timeframes say of these symbols; those that are not watched are named by themselves."""
    market = await front.directory.market(asked.exchange)
    found = {written: await market.find(written) for written in asked.symbols}
    watched = list(dict.fromkeys(symbol for symbol in found.values() if symbol is not None))
    missing = [written for written, symbol in found.items() if symbol is None]
    return of_data({"rows": await table(front, market, watched), "missing": missing})


async def _series(front: "Front", asked: IndicatorParameters) -> tuple[Market, Series]:
    market = await front.directory.market(asked.exchange)
    return market, Series(market.name, await market.symbol(asked.symbol), asked.timeframe)


async def _newest(front: "Front", market: Market, series: Series, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The newest record, and what it is of."""
    (found,), (known,) = await asyncio.gather(
        front.redis.run(signals.records(market.keys, [series], kind)),
        front.redis.run(candles.cursors_of(market.keys, [series])),
    )
    if found is None:
        raise not_found("Signal", "timeframe")
    stale = is_stale(known.through if known else None, series.timeframe, front.clock.now())
    about = {"exchange": series.exchange, "symbol": series.symbol, "timeframe": series.timeframe, "type": kind}
    told = {"timestamp": iso(found["timestamp"]), "close": found["close"], "revision": found["revision"]}
    return found, {**about, **told, "stale": stale}


def _point(at: int, value: float | None, line: float | None) -> dict[str, Any]:
    distance = None if value is None or line is None else value - line
    return {"timestamp": iso(at), "value": value, "signal": line, "histogram": distance}


ROUTES = [
    Route(
        INDICATORS,
        Parameters,
        metadata,
        Access.ADMIN,
        Document(TAG, "Which indicators there are", example={"indicators": KINDS}, operation="get_indicators"),
    ),
    Route(
        f"{INDICATORS}/portfolio",
        PortfolioParameters,
        portfolio,
        Access.ADMIN,
        Document(
            TAG,
            "What the larger timeframes say of many symbols",
            "Only values that are ready and not stale count for the `outlook`.",
            example={"rows": [_ROW], "missing": ["NOPE-USD"]},
            also=(404,),
            operation="analyse_portfolio",
        ),
        methods=("POST",),
        body=True,
    ),
    Route(
        f"{OF_ONE}/value",
        IndicatorParameters,
        value,
        Access.ADMIN,
        Document(
            TAG,
            "The newest value",
            example=_NEWEST | {"value": _VALUE, "ready": True},
            also=(404,),
            operation="get_indicator_value",
        ),
    ),
    Route(
        f"{OF_ONE}/record",
        IndicatorParameters,
        record,
        Access.ADMIN,
        Document(
            TAG,
            "The newest value with how it came about",
            "`validity` says whether it is to be relied on, and if not, why.",
            example=_NEWEST | _VALUE | _PARAMS | {"validity": _VALIDITY},
            also=(404,),
            operation="get_indicator_record",
        ),
    ),
    Route(
        f"{OF_ONE}/series",
        TrailParameters,
        trail,
        Access.ADMIN,
        Document(
            TAG,
            "The newest values",
            "Ascending; those of the last 500 candles are kept.",
            example={
                "symbol": "BTC-USD",
                "timeframe": "1h",
                "type": "macd-v",
                "values": [
                    {"timestamp": "2026-02-18T12:00:00.000Z", "value": 92.5, "signal": 80.25, "histogram": 12.25}
                ],
            },
            also=(404,),
            operation="get_indicator_series",
        ),
    ),
]
