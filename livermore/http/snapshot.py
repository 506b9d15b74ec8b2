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
FULL_AT_ONCE = 50
"""The same, of full records: a client that reads must not be too slow for a single message."""
ALERTS = 50
INDICATOR = "macd-v"
"""The kind of the stored records that public signals are made from. The word itself is never served."""


Portion = tuple[list[Any], list[Any] | None]
"""What the public may see, and, of signals and for administrators, the full record beside each."""


async def rows(front: "Front", market: Market, topic: Topic, *, full: bool) -> AsyncIterator[Portion]:
    """What there is, in portions: the newest candle or signal of each series, tickers, or the newest alerts."""
    watched = await market.symbols() if topic.symbol == ANY else [topic.symbol]
    if topic.kind == "alerts":
        yield await _alerts(front, market, topic), None
    elif topic.kind == "tickers":
        for symbols in portions(watched):
            found = await front.redis.run(ticks.read(market.keys, symbols))
            yield [ticker(one, market.name) for one in found if one is not None], None
    else:
        timeframes = list(Timeframe) if topic.timeframe == ANY else [Timeframe(topic.timeframe)]
        read = _candles if topic.kind == "candles" else _whole_signals if full else _signals
        most = FULL_AT_ONCE if read is _whole_signals else AT_ONCE
        for portion in portions([Series(market.name, *pair) for pair in product(watched, timeframes)], most):
            yield await read(front, market, portion)


async def _candles(front: "Front", market: Market, portion: Sequence[Series]) -> Portion:
    newest = partial(candles.page, market.keys, first=float("-inf"), last=float("inf"), count=1, newest_first=True)
    found = await front.redis.run_all([newest(series) for series in portion])
    return [msgspec.Raw(page[0]) for page in found if page], None


async def _signals(front: "Front", market: Market, portion: Sequence[Series]) -> Portion:
    found = await front.redis.run(signals.shown(market.keys, portion, INDICATOR))
    return [signal for signal in found if signal is not None], None


async def _whole_signals(front: "Front", market: Market, portion: Sequence[Series]) -> Portion:
    found = await front.redis.run(signals.whole(market.keys, portion, INDICATOR))
    return [signal for signal, _ in found], [record for _, record in found]


async def _alerts(front: "Front", market: Market, topic: Topic) -> list[Any]:
    wanted = Filter(exchange=market.name, symbol=None if topic.symbol == ANY else topic.symbol)
    page = await front.database.run_aside(partial(alert_history.page, wanted=wanted, limit=ALERTS))
    return [alert for _, alert in page]


def portions(items: Sequence[T], most: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """Parts of at most so many: what one message, or one trip to a store, may hold."""
    return (items[i : i + most] for i in range(0, len(items), most))
