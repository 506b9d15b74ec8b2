"""How an exchange speaks, as far as a virtual world and its faults have to know."""

from collections.abc import Mapping, Set
from typing import Any, Protocol

from livermore.market.timeframe import Timeframe
from livermore.simulator.market import Market
from livermore.simulator.request import Answer, Request

Row = dict[str, Any]
"""A candle of a REST answer: ``open_time`` in ms, and open, high, low, close and volume as decimal strings."""


class Session(Protocol):
    """The exchange's side of a connection, as `livermore.simulator.session.CoinbaseSession`."""

    closed: tuple[int, str] | None

    def receive(self, text: str | bytes, now: int) -> list[str]: ...

    def advance(self, now: int) -> list[str]: ...

    def next_due(self) -> int | None: ...


class Rest(Protocol):
    """The exchange's REST service, as `livermore.simulator.rest.RestService`."""

    def answer(self, request: Request) -> Answer: ...


class Dialect(Protocol):
    """One exchange."""

    name: str
    quote: str
    """What its symbols are quoted in."""
    variables: Mapping[str, str]
    """What a tree needs to know of it."""

    def tree(self, text: str) -> str:
        """The text of the shipped tree, as somebody edits it who follows this exchange."""

    def session(self, market: Market, at: int) -> Session:
        """A connection that opens at this moment (ms)."""

    def rest(self, market: Market) -> Rest:
        """Its REST service."""

    def renumbered(self, text: str, shift: int) -> str:
        """A frame whose sequence number is moved; one without a number stays as it is."""

    def number(self, text: str) -> int | None:
        """A frame's sequence number."""

    def symbols(self, text: str) -> Set[str]:
        """The symbols that a frame tells something of."""

    def is_beat(self, text: str) -> bool:
        """Whether a frame only says that the connection lives."""

    def is_consent(self, text: str) -> bool:
        """Whether a frame answers a subscription."""

    def asks_for_candles(self, request: Request) -> tuple[str, Timeframe] | None:
        """Of which symbol and timeframe a request wants candles, if it does."""

    def asks_for_products(self, request: Request) -> bool:
        """Whether a request wants to know what is listed."""

    def rows(self, body: bytes) -> list[Row]:
        """The candles of an answer, in its order."""

    def with_rows(self, body: bytes, rows: list[Row]) -> bytes:
        """The answer with other candles."""

    def without_product(self, body: bytes, symbol: str, *, listed: bool) -> bytes:
        """The list of products with one that is gone, or ``listed`` but not traded; there may be several such lists."""

    def unknown_product(self) -> tuple[int, bytes]:
        """Status and body for candles of what is not listed."""

    def odd_kline(self, text: str, change: Mapping[str, Any]) -> str | None:
        """A frame of candles with some values changed (keys as in `Row`), or opening ``shift`` ms later.

        None where frames tell none.
        """
