"""The client of the public API: pages, waiting and resuming are done for you.

It uses nothing else of this program, so that it works against a server anywhere:

    async with AsyncClient("https://example.org", key) as client:
        async for candle in client.candles("coinbase", "BTC-USD", "1h", start="2026-01-01T00:00:00Z"):
            ...
        async for event in client.stream(["candles:*:1h", "alerts:*"]):
            ...

`Client` is the same without ``async``. Prices and volumes are exact decimal strings, times are ISO-8601 strings in UTC.
"""

from livermore.client.asynchronous import AsyncClient
from livermore.client.errors import ApiError, ClientError, StreamError, UnexpectedError, UnreachableError
from livermore.client.events import (
    AlertRaised,
    CandleClose,
    CandleCorrected,
    Event,
    GapTold,
    NotResumed,
    Snapshot,
    TickerChanged,
    TradeSignal,
)
from livermore.client.records import (
    Alert,
    Candle,
    CandlePage,
    Coverage,
    Exchange,
    Gap,
    Limits,
    MarketTime,
    Signal,
    SignalNews,
    Symbol,
    Ticker,
    Time,
)
from livermore.client.stream import Stream
from livermore.client.synchronous import Client, Events

__all__ = [
    "Alert",
    "AlertRaised",
    "ApiError",
    "AsyncClient",
    "Candle",
    "CandleClose",
    "CandleCorrected",
    "CandlePage",
    "Client",
    "ClientError",
    "Coverage",
    "Event",
    "Events",
    "Exchange",
    "Gap",
    "GapTold",
    "Limits",
    "MarketTime",
    "NotResumed",
    "Signal",
    "SignalNews",
    "Snapshot",
    "Stream",
    "StreamError",
    "Symbol",
    "Ticker",
    "TickerChanged",
    "Time",
    "TradeSignal",
    "UnexpectedError",
    "UnreachableError",
]
