"""The interface of an exchange's codec."""

from collections.abc import Callable, Sequence
from typing import Protocol

from livermore.exchanges.frame import Frame, Request
from livermore.market.candle import Candle, Series
from livermore.market.product import Product

Sign = Callable[[], str | None]
"""Makes a fresh token for one message, or None where messages go unsigned."""


class Codec(Protocol):
    """A codec is the class ``Codec`` in a file of this package; the file's name is the exchange's name."""

    name: str
    websocket_url: str
    rest_url: str
    page: int
    """How many candles one REST request can give."""

    def subscriptions(self, symbols: Sequence[str], sign: Sign) -> list[str]:
        """The messages to send right after connecting."""

    def decode(self, data: str | bytes) -> Frame:
        """Read one frame.

        Raises:
            ProtocolError: the frame is not what the protocol allows. Unknown kinds of messages are no error.
        """

    def candle_request(self, series: Series, first: int, last: int) -> Request:
        """Ask for the candles with open times (ms) ``first`` to ``last``, both included."""

    def decode_candles(self, series: Series, body: bytes) -> list[Candle]:
        """Read the answer, ascending, each open time once; the candle in progress may be among them.

        Raises:
            ProtocolError: the body is no such answer.
        """

    def product_request(self) -> Request:
        """Ask for all that is listed."""

    def decode_products(self, body: bytes) -> list[Product]:
        """Read the answer.

        Raises:
            ProtocolError: the body is no such answer.
        """
