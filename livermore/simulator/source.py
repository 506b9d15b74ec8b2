"""What stands behind a simulated exchange: a market that is made up, or a recording of a real one."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.kline import Kline
from livermore.simulator.listing import Listing
from livermore.simulator.quotes import Quotes
from livermore.simulator.trade import Trade
from livermore.simulator.wire import Frame, TickerRow


class Facts(Protocol):
    """What was traded. All times are ms UTC; an answer about ``now`` rests on nothing that came after it."""

    @property
    def seed(self) -> int:
        """Which market it is: what is no fact, as the delay of a frame or what an account holds, is drawn from it."""

    @property
    def listings(self) -> Sequence[Listing]:
        """The products, in the order in which they are listed."""

    def trades(self, symbol: str, start: int, end: int) -> Sequence[Trade]:
        """The trades from ``start`` up to, but without, ``end``, ascending."""

    def newest_trades(self, symbol: str, now: int, count: int) -> Sequence[Trade]:
        """The last ``count`` trades before ``now``, newest first."""

    def candles(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> list[Candle]:
        """The candles with open times from ``first`` to ``last``, both included, ascending, the open one included.

        A bucket without trades has none.
        """

    def ticker(self, symbol: str, now: int) -> TickerRow | None:
        """The ticker at ``now``; None before the first trade."""


class Source(Facts, Protocol):
    """Facts, and the frames that tell them."""

    @property
    def channels(self) -> frozenset[str]:
        """The channels that can be subscribed to."""

    def snapshot(self, channel: str, symbols: Sequence[str], now: int) -> list[Frame]:
        """What a connection is told when it subscribes at ``now``."""

    def updates(self, channel: str, symbol: str, since: int) -> Iterator[Frame]:
        """What it is told from then on, ascending; for heartbeats ``symbol`` is ``heartbeats``."""


class KlineFacts(Facts, Protocol):
    """Facts, counted as Binance counts them."""

    def klines(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> list[Kline]:
        """The buckets with open times from ``first`` to ``last``, those without trades included."""

    def day(self, symbol: str, now: int) -> Kline | None:
        """The last 24 hours; None before the first trade."""

    def quotes(self, symbol: str, now: int) -> Quotes | None:
        """The best orders at ``now``; None before the first trade."""
