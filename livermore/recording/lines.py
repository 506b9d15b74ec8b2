"""The lines of a recording: JSON objects, told apart by ``t``. Times are seconds since the epoch, to the millisecond.

The first five are those of cryptofeed's recordings, which can be read as well.
"""

from typing import Any

import msgspec

from livermore.errors import LivermoreError
from livermore.market.candle import Series
from livermore.market.due import Need, Page
from livermore.market.timeframe import Timeframe


class Header(msgspec.Struct, frozen=True, tag_field="t", tag="header"):
    """``version``: of the program that records; ``recorded``: when it began; ``config``: cryptofeed's subscriptions."""

    exchange: str
    symbols: list[str] = []
    version: str = ""
    recorded: float = 0
    config: dict[str, Any] = {}


class Connected(msgspec.Struct, frozen=True, tag_field="t", tag="connect"):
    """A WebSocket was opened."""

    ts: float


class Sent(msgspec.Struct, frozen=True, tag_field="t", tag="send"):
    """A message to the exchange."""

    ts: float
    data: str


class Received(msgspec.Struct, frozen=True, tag_field="t", tag="recv"):
    """A raw frame."""

    ts: float
    data: str


class Closed(msgspec.Struct, frozen=True, tag_field="t", tag="close"):
    """A WebSocket has ended."""

    ts: float


class Answered(msgspec.Struct, frozen=True, tag_field="t", tag="rest"):
    """What REST said of open times (ms) ``first`` to ``last``.

    ``history``: they lie before what was known, or are where the series begins (``fresh``).
    """

    ts: float
    symbol: str
    timeframe: Timeframe
    first: int
    last: int
    history: bool
    fresh: bool
    body: str

    def page(self, exchange: str) -> Page:
        """What was asked for."""
        series = Series(exchange, self.symbol, self.timeframe)
        return Page(series, self.first, self.last, Need.HISTORY if self.history else Need.NEWS, self.fresh)


Line = Header | Connected | Sent | Received | Closed | Answered

encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def decode(data: bytes) -> Line:
    """Read a line.

    Raises:
        LivermoreError: it is none of these.
    """
    try:
        line: Line = _decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise LivermoreError(f"not a line of a recording: {error}") from error
    return line


def seconds(ms: int) -> float:
    """A moment (ms) as lines tell it."""
    return ms / 1000


def milliseconds(ts: float) -> int:
    """A moment of a line, ms."""
    return round(ts * 1000)
