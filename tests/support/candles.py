"""Candles for tests, in a line each."""

from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe

T0 = 1_699_999_200_000 - 1_699_999_200_000 % Timeframe.D1.ms
"""A midnight in UTC."""
BTC = Series("coinbase", "BTC-USD", Timeframe.M1)


def candle(minute: int, close: str = "100", *, series: Series = BTC, **fields: str) -> Candle:
    """The candle number ``minute`` of its series since `T0`, flat unless told otherwise."""
    amounts = {"open": close, "high": close, "low": close, "close": close, "volume": "1", **fields}
    return Candle(*series, T0 + minute * series.timeframe.ms, **amounts)
