"""Where the candles of a series come from: some are stored, some are made of others."""

from livermore.http.directory import Market
from livermore.http.found import Candles
from livermore.http.rolled_candles import RolledCandles
from livermore.http.stored_candles import StoredCandles
from livermore.market.candle import Series
from livermore.market.timeframe import Rolled, Timeframe
from livermore.store.redis import AsyncRedisStore


def source(redis: AsyncRedisStore, market: Market, symbol: str, timeframe: Timeframe | Rolled) -> Candles:
    """The candles of a symbol, in its canonical spelling, on any timeframe that is served."""
    if isinstance(timeframe, Rolled):
        return RolledCandles(redis, market.keys, Series(market.name, symbol, timeframe.part), timeframe)
    return StoredCandles(redis, market.keys, Series(market.name, symbol, timeframe))
