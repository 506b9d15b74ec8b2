"""What any exchange's frame can say, once its codec has read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from livermore.market.candle import Candle, Series
from livermore.market.ticker import Ticker
from livermore.market.trade import Trade


@dataclass(frozen=True)
class Trades:
    """Trades, in any order. ``snapshot``: the newest there are of each symbol, sent on subscribing."""

    trades: Sequence[Trade]
    snapshot: bool


@dataclass(frozen=True)
class Kline:
    """A candle that the exchange itself makes; ``candle`` is None where nothing has been traded in it so far."""

    series: Series
    open_time: int
    closed: bool
    candle: Candle | None


@dataclass(frozen=True)
class Klines:
    """Candles as they stand."""

    klines: Sequence[Kline]


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
    """The exchange says that something we sent was wrong; ``key``: that it does not take our key."""

    message: str
    key: bool = False


@dataclass(frozen=True)
class Leaving:
    """The exchange is about to close this connection: another one has to take its place."""


Event = Trades | Klines | Tickers | Subscribed | Refused | Leaving


@dataclass(frozen=True)
class Frame:
    """``sequence``: one counter per connection, or None; ``time``: the exchange's clock, ms UTC, or None."""

    events: Sequence[Event] = field(default_factory=list)
    sequence: int | None = None
    time: int | None = None


@dataclass(frozen=True)
class Request:
    """A GET to the exchange's REST service: path and query, values not yet encoded. ``weight``: tokens it costs.

    ``private``: the path for those who sign, where that is another one.
    """

    path: str
    query: Sequence[tuple[str, str]] = ()
    weight: int = 1
    private: str = ""
