"""Forgetting series: what is stored of them in Redis, or only how far they are known; they are asked for anew."""

from collections.abc import Sequence
from itertools import product

from livermore.market.candle import Series
from livermore.store.fence import Right, fenced
from livermore.store.query import Query

AT_ONCE = 100
"""Series of one call."""


def forget(right: Right, series: Sequence[Series], indicators: Sequence[str], symbols: Sequence[str]) -> Query[int]:
    """Delete candles and indicators of series, and tickers of symbols; gives how many keys there were."""
    keys = right.keys
    gone = [keys.candles(one) for one in series]
    for one, kind in product(series, indicators):
        gone += [keys.indicator(one, kind), keys.trail(one, kind)]
    gone += [keys.ticker(symbol) for symbol in symbols]
    return fenced(right, "forget", [keys.cursors, keys.rewrites, *gone], list(map(str, series)))


def doubt(right: Right, series: Sequence[Series]) -> Query[int]:
    """Delete nothing but how far series are known: their candles are compared with what the exchange says again."""
    return fenced(right, "forget", [right.keys.cursors, right.keys.rewrites], list(map(str, series)))
