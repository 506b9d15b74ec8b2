"""Prices of currencies in dollars, as the stores know them: by the newest ticker, or else the newest candle."""

from collections.abc import Iterable

from livermore.market.candle import Series
from livermore.market.holding import DOLLARS, pairs
from livermore.market.timeframe import Timeframe
from livermore.store import candles, symbols, ticks
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore


def watched_pairs(currencies: Iterable[str], watched: Iterable[str]) -> dict[str, str]:
    """By currency, the watched symbol that tells its price in dollars, of those that are not dollars themselves."""
    known = set(watched)
    found = ((one, next((pair for pair in pairs(one) if pair in known), None)) for one in currencies)
    return {currency: pair for currency, pair in found if pair is not None and currency not in DOLLARS}


async def prices(redis: AsyncRedisStore, keys: Keys, exchange: str, currencies: Iterable[str]) -> dict[str, str]:
    """By symbol, the prices of what is watched."""
    watched = await redis.run(symbols.read(keys))
    wanted = [*watched_pairs(currencies, watched).values()]
    if not wanted:
        return {}
    tickers = await redis.run(ticks.read(keys, wanted))
    found = {symbol: ticker.price for symbol, ticker in zip(wanted, tickers, strict=True) if ticker is not None}
    for symbol in wanted:
        if symbol not in found:
            newest = await redis.run(candles.newest(keys, Series(exchange, symbol, Timeframe.M1), 1))
            found.update((one.symbol, one.close) for one in newest)
    return found
