"""What is found of a series of candles, stored or made: a page of it, or how far it reaches."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from livermore.http.candle_page import Span
from livermore.market.cursor import Cursor as Known
from livermore.store.gaps import PublicGap


class Page(NamedTuple):
    """``rows``: public JSON of candles, along the way of the span, one more than asked for where there are more.

    ``known``: how far the series is known, as far back as it is kept, in open times of its own buckets; None where
    nothing is. ``ledger``: all gaps that are kept of it.
    """

    rows: Sequence[bytes]
    known: Known | None
    ledger: Sequence[PublicGap]


class Extent(NamedTuple):
    """``total`` candles, the oldest and the newest of which opened at ``first`` and ``last`` (ms; None: there is none).

    The rest is as in `Page`.
    """

    first: int | None
    last: int | None
    total: int
    known: Known | None
    ledger: Sequence[PublicGap]


class Candles(Protocol):
    """The candles of one symbol on one timeframe."""

    async def page(self, span: Span, limit: int) -> Page:
        """Those within a span, at most ``limit`` and one more."""

    async def extent(self) -> Extent:
        """How far they reach."""
