"""What any exchange's frame can say, once its codec has read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from livermore.market.ticker import Ticker
from livermore.market.trade import Trade


@dataclass(frozen=True)
class Trades:
    """Trades, in any order. ``snapshot``: the newest there are of each symbol, sent on subscribing."""

    trades: Sequence[Trade]
    snapshot: bool


@dataclass(frozen=True)
class Tickers:
    """Newest prices."""

    tickers: Sequence[Ticker]


@dataclass(frozen=True)
class Subscribed:
    """The symbols whose trades are flowing from now on: the whole list, not a change."""

    symbols: frozenset[str]


@dataclass(frozen=True)
class Refused:
    """The exchange says that something we sent was wrong."""

    message: str


@dataclass(frozen=True)
class Frame:
    """``sequence``: one counter per connection, or None; ``time``: the exchange's clock, ms UTC, or None."""

    events: Sequence[Trades | Tickers | Subscribed | Refused] = field(default_factory=list)
    sequence: int | None = None
    time: int | None = None


@dataclass(frozen=True)
class Request:
    """A GET to the exchange's REST service: path and query, values not yet encoded."""

    path: str
    query: Sequence[tuple[str, str]] = ()
