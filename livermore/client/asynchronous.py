"""The client for programs that run in an event loop."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Self, TypeVar

from livermore.client.connection import Connection
from livermore.client.errors import UnexpectedError
from livermore.client.patience import Sleep
from livermore.client.records import (
    Alert,
    Candle,
    CandlePage,
    Coverage,
    Exchange,
    Limits,
    Page,
    Signal,
    Symbol,
    Time,
)
from livermore.client.rest import ROOT, Rest
from livermore.client.stream import Stream
from livermore.client.visit import Asked

T = TypeVar("T")

Moment = datetime | str
"""A time: with its zone, or ISO-8601 in UTC, as ``2026-08-09T21:05:00Z``."""

BEGINNING = "1970-01-01T00:00:00Z"


class AsyncClient:
    """Everything that waits for an answer raises ApiError, UnreachableError and UnexpectedError.

    ``url``: of the server, as ``https://example.org``. ``patience``: seconds to wait, all in all, for one answer of a
    server that is busy, limits the rate or cannot be reached.
    """

    def __init__(self, url: str, key: str, *, patience: float = 60.0, sleep: Sleep = asyncio.sleep) -> None:
        """``sleep``: waits for so many seconds; for tests."""
        scheme, _, rest = url.rstrip("/").partition("://")
        if scheme not in {"http", "https"} or not rest:
            raise ValueError("expected the address of a server, as https://example.org")
        self._url, self._patience, self._sleep = url.rstrip("/"), patience, sleep
        self._rest = Rest(url, key, patience, sleep)
        self._open = partial(Connection.open, f"{scheme.replace('http', 'ws')}://{rest}{ROOT}/stream", key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give back what is held; streams are closed by themselves."""
        self._rest.close()

    async def candles(
        self,
        exchange: str,
        symbol: str,
        timeframe: str,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        newest_first: bool = False,
        page_size: int = 1000,
    ) -> AsyncGenerator[Candle, None]:
        """Closed candles from ``start`` (included) to ``end`` (not included), ascending unless ``newest_first``."""
        pages = self.candle_pages(
            exchange, symbol, timeframe, start=start, end=end, newest_first=newest_first, page_size=page_size
        )
        async for page in pages:
            for candle in page.candles:
                yield candle

    async def candle_pages(
        self,
        exchange: str,
        symbol: str,
        timeframe: str,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        newest_first: bool = False,
        page_size: int = 1000,
    ) -> AsyncGenerator[CandlePage, None]:
        """The same page by page, with what is known of gaps."""
        pages = self._pages(
            Page[Candle],
            "candles",
            exchange,
            symbol,
            timeframe,
            start_time=_moment(start) or (None if newest_first else BEGINNING),
            end_time=_moment(end),
            order="desc" if newest_first else None,
            limit=page_size,
        )
        async for page in pages:
            meta = page.meta
            yield CandlePage(candles=page.data, stale=meta.stale, complete=meta.complete, gaps=meta.gaps)

    async def signals(self, exchange: str, symbol: str | None = None, timeframes: Sequence[str] = ()) -> list[Signal]:
        """Signals of one pair or of all, on some timeframes or on all."""
        path = ["signals", exchange, *([symbol] if symbol is not None else [])]
        page = await self._rest.get(Page[Signal], *path, timeframe=",".join(timeframes) or None)
        return list(page.data)

    async def alerts(
        self,
        *,
        exchange: str | None = None,
        symbol: str | None = None,
        timeframe: str | None = None,
        page_size: int = 100,
    ) -> AsyncGenerator[Alert, None]:
        """Alerts, the newest first."""
        about = {"exchange": exchange, "symbol": symbol, "timeframe": timeframe}
        async for page in self._pages(Page[Alert], "alerts", limit=page_size, **about):
            for alert in page.data:
                yield alert

    async def exchanges(self) -> list[Exchange]:
        """All exchanges that the server shows."""
        return list((await self._rest.get(Page[Exchange], "exchanges")).data)

    async def symbols(self, exchange: str | None = None, *, page_size: int = 1000) -> AsyncGenerator[Symbol, None]:
        """Pairs that are watched, on one exchange or on all."""
        async for page in self._pages(Page[Symbol], "symbols", limit=page_size, exchange=exchange):
            for symbol in page.data:
                yield symbol

    async def coverage(self, exchange: str, symbol: str, timeframe: str) -> Coverage:
        """How far the candles of one pair reach, and what of them was missed."""
        return await self._one(Page[Coverage], "coverage", exchange, symbol, timeframe)

    async def time(self) -> Time:
        """What time it is at the server."""
        return await self._one(Page[Time], "time")

    async def limits(self) -> Limits:
        """What the key may do, and how much of it is used."""
        return await self._one(Page[Limits], "limits")

    def stream(
        self,
        channels: Sequence[str],
        *,
        exchange: str | None = None,
        resume_from: str | None = None,
        snapshot: bool = False,
    ) -> Stream:
        """Events of one exchange as they come, as long as one listens.

        ``channels``: such as ``candles:BTC-USD:1h``, ``signals:*:1h``, ``alerts:*``, ``tickers:BTC-USD``. ``exchange``
        may be left out where there is only one. ``resume_from``: the `Stream.place` of an earlier stream.
        ``snapshot``: to be given first what the channels stand at.
        """
        if isinstance(channels, str) or not channels:
            raise ValueError("expected a list of channels")
        return Stream(
            self._open,
            Asked(list(channels), exchange),
            resume_from=resume_from,
            snapshot=snapshot,
            patience=self._patience,
            sleep=self._sleep,
        )

    async def _one(self, form: type[Page[T]], *path: str) -> T:
        page = await self._rest.get(form, *path)
        if len(page.data) != 1:
            raise UnexpectedError(f"expected one row, got {len(page.data)}")
        return page.data[0]

    async def _pages(self, form: type[Page[T]], *path: str, **query: str | int | None) -> AsyncGenerator[Page[T], None]:
        cursor: str | None = None
        while True:
            page = await self._rest.get(form, *path, cursor=cursor, **query)
            yield page
            cursor = page.meta.next_cursor
            if cursor is None:
                return


def _moment(when: Moment | None) -> str | None:
    if not isinstance(when, datetime):
        return when
    if when.tzinfo is None:
        raise ValueError("expected a time with its zone")
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
