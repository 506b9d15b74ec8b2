"""Binance's market streams: what falls due on each of them (`exchanges.md` 3).

Every frame is a function of the facts and of the moment, not of when anybody subscribed or how often anybody looks.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from livermore.market.timeframe import Timeframe
from livermore.simulator.binance_rows import mini_ticker_event, ticker_event, trade_event
from livermore.simulator.grid import grid, trades_from
from livermore.simulator.kline_stream import KlineStream
from livermore.simulator.source import KlineFacts

_SECOND = 1_000


class StreamFrame(NamedTuple):
    """One frame of a stream, which may be sent from the moment ``at`` (ms UTC) on."""

    at: int
    stream: str
    data: Any
    rank: int = 0


_Events = Iterator[tuple[int, dict[str, Any]]]


def frames(market: KlineFacts, names: Mapping[str, str], stream: str, since: int) -> Iterator[StreamFrame]:
    """The frames of a stream after ``since``, ascending; a stream that does not exist has none.

    Args:
        market: what is told.
        names: the symbol behind each name, which is in lower case here.
        stream: as in ``btcusdt@kline_1m``.
        since: ms UTC.
    """
    name, _, kind = stream.partition("@")
    events, symbol = _KINDS.get(kind), names.get(name)
    if events is not None and symbol is not None:
        for at, data in events(market, symbol, since):
            yield StreamFrame(at, stream, data)


def _trades(market: KlineFacts, symbol: str, since: int) -> _Events:
    """Each trade at once, in the millisecond after it."""
    for trade in trades_from(market, symbol, since):
        at = grid(trade.time, 1)
        if at > since:
            yield at, trade_event(trade, at)


def _seconds(market: KlineFacts, symbol: str, since: int) -> Iterator[int]:
    """The ends of the seconds in which somebody traded."""
    trades = trades_from(market, symbol, since - since % _SECOND)
    for at, _ in groupby(trades, lambda trade: grid(trade.time, _SECOND)):
        if at > since:
            yield at


def _mini_tickers(market: KlineFacts, symbol: str, since: int) -> _Events:
    for at in _seconds(market, symbol, since):
        day = market.day(symbol, at)
        if day is not None:
            yield at, mini_ticker_event(day, at)


def _tickers(market: KlineFacts, symbol: str, since: int) -> _Events:
    for at in _seconds(market, symbol, since):
        day, quotes = market.day(symbol, at), market.quotes(symbol, at)
        if day is not None and quotes is not None:
            yield at, ticker_event(day, quotes, at)


def _klines(timeframe: Timeframe, market: KlineFacts, symbol: str, since: int) -> _Events:
    return KlineStream(market, symbol, timeframe).events(since)


_KINDS: dict[str, Callable[[KlineFacts, str, int], _Events]] = {
    "trade": _trades,
    "miniTicker": _mini_tickers,
    "ticker": _tickers,
    **{f"kline_{timeframe}": partial(_klines, timeframe) for timeframe in Timeframe},
}
