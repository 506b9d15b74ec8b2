"""Snapshots: what a topic stands at now, for clients that begin or begin anew."""

from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from livermore.http.channel import ANY, Topic
from livermore.http.directory import Market
from livermore.http.public import ticker
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import alert_history, candles, signals, ticks
from livermore.store.alert_history import Filter

if TYPE_CHECKING:
    from livermore.http.front import Front

T = TypeVar("T")

AT_ONCE = 200
"""Rows of one message: more would be late for whoever waits behind."""
ALERTS = 50
INDICATOR = "macd-v"
"""The kind of the stored records that public signals are made from. The word itself is never served."""


async def rows(front: "Front", market: Market, topic: Topic) -> AsyncIterator[list[Any]]:
    """What there is, in portions: the newest candle or signal of each series, tickers, or the newest alerts."""
    watched = await market.symbols() if topic.symbol == ANY else [topic.symbol]
    if topic.kind == "alerts":
        yield await _alerts(front, market, topic)
    elif topic.kind == "tickers":
        for symbols in portions(watched):
            found = await front.redis.run(ticks.read(market.keys, symbols))
            yield [ticker(one, market.name) for one in found if one is not None]
    else:
        timeframes = list(Timeframe) if topic.timeframe == ANY else [Timeframe(topic.timeframe)]
        read = _candles if topic.kind == "candles" else _signals
        for portion in portions([Series(market.name, *pair) for pair in product(watched, timeframes)]):
            yield await read(front, market, portion)


async def _candles(front: "Front", market: Market, portion: Sequence[Series]) -> list[Any]:
    newest = partial(candles.page, market.keys, first=float("-inf"), last=float("inf"), count=1, newest_first=True)
    found = await front.redis.run_all([newest(series) for series in portion])
    return [msgspec.Raw(page[0]) for page in found if page]


async def _signals(front: "Front", market: Market, portion: Sequence[Series]) -> list[Any]:
    found = await front.redis.run(signals.shown(market.keys, portion, INDICATOR))
    return [signal for signal in found if signal is not None]


async def _alerts(front: "Front", market: Market, topic: Topic) -> list[Any]:
    wanted = Filter(exchange=market.name, symbol=None if topic.symbol == ANY else topic.symbol)
    page = await front.database.run_aside(partial(alert_history.page, wanted=wanted, limit=ALERTS))
    return [alert for _, alert in page]


def portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of at most `AT_ONCE`: what one message, or one trip to a store, may hold."""
    return (items[i : i + AT_ONCE] for i in range(0, len(items), AT_ONCE))
