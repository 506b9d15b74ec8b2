"""What Binance's messages and answers look like (`exchanges.md` 3 and 4): as much of them as is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from msgspec import Meta, MsgspecError, Raw, Struct, field
from msgspec.json import Decoder

from livermore.errors import ProtocolError

Moment = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""ms UTC, up to the year 9999."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turns what goes wrong on reading into a `ProtocolError`."""
    try:
        yield
    except (MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise ProtocolError(f"not a Binance {what}: {error}") from error


class Event(Struct, gc=False):
    """The head of any event; some, such as the best bid and ask, have neither kind nor time."""

    kind: str = field(name="e", default="")
    time: Moment | None = field(name="E", default=None)


class Failure(Struct, gc=False):
    """Something that we sent was wrong."""

    code: int
    msg: str = ""


class Message(Event, gc=False):
    """An event as it is, one wrapped with the name of its stream, an answer, or a failure, wrapped or not."""

    stream: str = ""
    data: Raw = Raw(b"")
    error: Failure | None = None
    code: int | None = None
    msg: str = ""


class Bar(Struct, gc=False):
    """A kline as it stands; without a trade, ``first`` is -1 and ``count`` 0."""

    open_time: Moment = field(name="t")
    interval: str = field(name="i")
    first: int = field(name="f")
    count: int = field(name="n")
    closed: bool = field(name="x")
    open: str = field(name="o")
    high: str = field(name="h")
    low: str = field(name="l")
    close: str = field(name="c")
    volume: str = field(name="v")


class Kline(Struct, gc=False):
    """The event `kline`."""

    time: Moment = field(name="E")
    symbol: str = field(name="s")
    bar: Bar = field(name="k")


class MiniTicker(Struct, gc=False):
    """The event `24hrMiniTicker`: the last 24 hours, rolling."""

    time: Moment = field(name="E")
    symbol: str = field(name="s")
    open: str = field(name="o")
    high: str = field(name="h")
    low: str = field(name="l")
    close: str = field(name="c")
    volume: str = field(name="v")


class Row(Struct, array_like=True, gc=False):
    """One kline of REST's answer; what follows the count is not read."""

    open_time: Moment
    open: str
    high: str
    low: str
    close: str
    volume: str
    close_time: int
    quote_volume: str
    count: int


class RateLimit(Struct, rename="camel", gc=False):
    """``limit`` is per ``interval_num`` intervals."""

    rate_limit_type: str
    interval: str
    interval_num: Annotated[int, Meta(ge=1, le=10_000)]
    limit: Annotated[int, Meta(ge=1, le=1_000_000_000)]


class Filter(Struct, rename="camel", gc=False):
    """One of the rules for orders: of those that are read, each has one of the sizes."""

    filter_type: str
    tick_size: str = ""
    step_size: str = ""


class Symbol(Struct, rename="camel", gc=False):
    """A pair that is listed."""

    symbol: str
    status: str
    base_asset: str
    quote_asset: str
    is_spot_trading_allowed: bool = True
    filters: list[Filter] = []


class ExchangeInfo(Struct, rename="camel", gc=False):
    """The answer to `exchangeInfo`."""

    symbols: list[Symbol]
    rate_limits: list[RateLimit] = []


class Day(Struct, rename="camel", gc=False):
    """A pair's last 24 hours, as `ticker/24hr` tells them; nothing, for a pair of which it tells nothing."""

    symbol: str
    last_price: str = "0"
    volume: str = "0"
    quote_volume: str = "0"
    bid_price: str = "0"
    bid_qty: str = "0"
    ask_price: str = "0"
    ask_qty: str = "0"
    count: Annotated[int, Meta(ge=0)] | None = None


class Time(Struct, rename="camel", gc=False):
    """The answer to `time`."""

    server_time: Moment


class Balance(Struct, gc=False):
    """``free`` and ``locked`` make the whole."""

    asset: str
    free: str
    locked: str


class Account(Struct, gc=False):
    """The answer to `account`."""

    balances: list[Balance]


message = Decoder(Message | list[Raw]).decode
event = Decoder(Event | list[Raw]).decode
kline = Decoder(Kline).decode
mini_ticker = Decoder(MiniTicker).decode
rows = Decoder(list[Row]).decode
exchange_info = Decoder(ExchangeInfo).decode
days = Decoder(list[Day]).decode
server_time = Decoder(Time).decode
account = Decoder(Account).decode
