"""The client for programs without an event loop, and for notebooks: the same as the other, without ``async``."""

from collections.abc import Iterator, Sequence
from typing import Self

from livermore.client.asynchronous import AsyncClient, Moment
from livermore.client.events import Event
from livermore.client.records import Alert, Candle, CandlePage, Coverage, Exchange, Limits, Signal, Symbol, Time
from livermore.client.stream import Stream
from livermore.client.thread_loop import ThreadLoop


class Events:
    """A stream as a plain iterator; see `Stream`."""

    def __init__(self, loop: ThreadLoop, stream: Stream) -> None:
        self._loop, self._stream = loop, stream

    @property
    def place(self) -> str | None:
        """The id up to which every event has been given; None as long as it is not known."""
        return self._stream.place

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        try:
            return self._loop.call(anext(self._stream))
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, and hang up."""
        self._loop.call(self._stream.aclose())


class Client:
    """See `AsyncClient` for the arguments and errors. It also works where an event loop is running already."""

    def __init__(self, url: str, key: str, *, patience: float = 60.0) -> None:
        self._client = AsyncClient(url, key, patience=patience)
        self._loop = ThreadLoop()

    def __repr__(self) -> str:
        return repr(self._client).removeprefix("Async")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is held."""
        self._loop.call(self._client.aclose())
        self._loop.close()

    def candles(
        self,
        exchange: str,
        symbol: str,
        timeframe: str,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        newest_first: bool = False,
        page_size: int = 1000,
    ) -> Iterator[Candle]:
        """Closed candles from ``start`` (included) to ``end`` (not included), ascending unless ``newest_first``."""
        return self._loop.iterate(
            self._client.candles(
                exchange, symbol, timeframe, start=start, end=end, newest_first=newest_first, page_size=page_size
            )
        )

    def candle_pages(
        self,
        exchange: str,
        symbol: str,
        timeframe: str,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        newest_first: bool = False,
        page_size: int = 1000,
    ) -> Iterator[CandlePage]:
        """The same page by page, with what is known of gaps."""
        return self._loop.iterate(
            self._client.candle_pages(
                exchange, symbol, timeframe, start=start, end=end, newest_first=newest_first, page_size=page_size
            )
        )

    def signals(self, exchange: str, symbol: str | None = None, timeframes: Sequence[str] = ()) -> list[Signal]:
        """Signals of one pair or of all, on some timeframes or on all."""
        return self._loop.call(self._client.signals(exchange, symbol, timeframes))

    def alerts(
        self,
        *,
        exchange: str | None = None,
        symbol: str | None = None,
        timeframe: str | None = None,
        page_size: int = 100,
    ) -> Iterator[Alert]:
        """Alerts, the newest first."""
        return self._loop.iterate(
            self._client.alerts(exchange=exchange, symbol=symbol, timeframe=timeframe, page_size=page_size)
        )

    def exchanges(self) -> list[Exchange]:
        """All exchanges that the server shows."""
        return self._loop.call(self._client.exchanges())

    def symbols(self, exchange: str | None = None, *, page_size: int = 1000) -> Iterator[Symbol]:
        """Pairs that are watched, on one exchange or on all."""
        return self._loop.iterate(self._client.symbols(exchange, page_size=page_size))

    def coverage(self, exchange: str, symbol: str, timeframe: str) -> Coverage:
        """How far the candles of one pair reach, and what of them was missed."""
        return self._loop.call(self._client.coverage(exchange, symbol, timeframe))

    def time(self) -> Time:
        """What time it is at the server."""
        return self._loop.call(self._client.time())

    def limits(self) -> Limits:
        """What the key may do, and how much of it is used."""
        return self._loop.call(self._client.limits())

    def stream(
        self,
        channels: Sequence[str],
        *,
        exchange: str | None = None,
        resume_from: str | None = None,
        snapshot: bool = False,
    ) -> Events:
        """Events of one exchange as they come, as long as one listens."""
        stream = self._client.stream(channels, exchange=exchange, resume_from=resume_from, snapshot=snapshot)
        return Events(self._loop, stream)
