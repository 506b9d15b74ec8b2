"""The interface of an exchange's codec."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from livermore.exchanges.assembly import Assembly
from livermore.exchanges.frame import Frame, Request
from livermore.market.candle import Candle, Series
from livermore.market.holding import Holding
from livermore.market.product import Product

Sign = Callable[[], str | None]
"""Makes a fresh token for one message, or None where messages go unsigned."""


class Accounts(NamedTuple):
    """A part of what an account holds; ``cursor``: with which the next part is asked for, or nothing."""

    holdings: Sequence[Holding]
    cursor: str = ""


class Codec(Protocol):
    """A codec is the class ``Codec`` in a file of this package; the file's name is the exchange's name.

    It is made with the (canonical) symbols whose frames are to be read: some exchanges spell them in another way.
    """

    name: str
    websocket_url: str
    rest_url: str
    page: int
    """How many candles one REST request can give."""
    rate: float
    """Tokens of the REST service per second; what a request costs is its weight."""
    grace: float
    """Seconds after a bucket's end in which its last news may come in, at most."""
    rolls_up: bool
    """Whether larger candles are made of smaller ones, because the wire does not tell them."""
    tells_empty: bool
    """Whether REST tells of buckets without trades, too, so that an answer that lags shows as one."""
    silence: float
    """Seconds without news on a connection that are never normal."""
    symbols_per_connection: int
    messages_per_second: float
    """How fast we may send on a WebSocket."""
    signature: str
    """The module of `livermore.net` that signs what is asked of the account."""
    life: float | None
    """Seconds after which a connection is replaced, before the exchange cuts it."""

    def assembly(self, symbols: Sequence[str], grace: int) -> Assembly:
        """What adds up the frames of these symbols. ``grace``: ms, at most."""

    def subscriptions(self, symbols: Sequence[str], sign: Sign) -> list[str]:
        """The messages to send right after connecting, and for symbols that come to be watched later."""

    def unsubscriptions(self, symbols: Sequence[str], sign: Sign) -> list[str]:
        """The messages that end the subscriptions of these symbols."""

    def decode(self, data: str | bytes) -> Frame:
        """Read one frame.

        Raises:
            ProtocolError: the frame is not what the protocol allows. Unknown kinds of messages are no error.
        """

    def candle_request(self, series: Series, first: int, last: int) -> Request:
        """Ask for the candles with open times (ms) ``first`` to ``last``, both included."""

    def decode_candles(self, series: Series, body: bytes) -> list[Candle]:
        """Read the answer, ascending, each open time once; the candle in progress may be among them.

        A bucket without trades has no candle, even where the exchange makes one of nothing.

        Raises:
            ProtocolError: the body is no such answer.
        """

    def spoken_of(self, body: bytes) -> int | None:
        """The newest open time (ms) that an answer about candles speaks of, 0 for none at all.

        None where buckets without trades are passed over, so that it cannot be told from them; raises as
        `decode_candles` does.
        """

    def product_requests(self) -> list[Request]:
        """Ask for all that is listed, and how much it is traded: one request, or several."""

    def decode_products(self, bodies: Sequence[bytes]) -> list[Product]:
        """Read the answers, one for each request.

        Raises:
            ProtocolError: a body is no such answer.
        """

    def decode_rate(self, bodies: Sequence[bytes]) -> float | None:
        """The `rate` that the same answers tell, or None; raises as `decode_products` does."""

    def time_request(self) -> Request:
        """Ask for the exchange's clock."""

    def decode_time(self, body: bytes) -> int:
        """Read the answer: ms UTC.

        Raises:
            ProtocolError: the body is no such answer.
        """

    def account_request(self, cursor: str = "") -> Request:
        """Ask what the account of our key holds; ``cursor``: that of the part before."""

    def decode_accounts(self, body: bytes) -> Accounts:
        """Read the answer; there may be several holdings of one currency, and some of nothing.

        Raises:
            ProtocolError: the body is no such answer.
        """

    def over_limit(self, headers: Mapping[str, str]) -> bool:
        """Whether an answer's headers (names in lower case) tell that the minute's allowance is nearly used up."""
