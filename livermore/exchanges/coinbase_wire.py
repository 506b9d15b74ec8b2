"""The forms of Coinbase's frames and answers, as far as they are read (`exchanges.md` 1.5 and 2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import msgspec

from livermore.errors import ProtocolError


class Envelope(msgspec.Struct, gc=False):
    channel: str = ""
    type: str = ""
    message: str = ""
    timestamp: str = ""
    sequence_num: int | None = None
    events: msgspec.Raw = msgspec.Raw(b"[]")


class Trade(msgspec.Struct, gc=False):
    product_id: str
    trade_id: str
    price: str
    size: str
    time: str


class TradesEvent(msgspec.Struct, gc=False):
    type: str
    trades: list[Trade]


class Ticker(msgspec.Struct, gc=False):
    product_id: str
    price: str
    volume_24_h: str
    low_24_h: str
    high_24_h: str
    price_percent_chg_24_h: str
    best_bid: str = ""
    best_ask: str = ""


class TickerEvent(msgspec.Struct, gc=False):
    type: Literal["snapshot", "update"]
    tickers: list[Ticker]


class SubscriptionsEvent(msgspec.Struct, gc=False):
    subscriptions: dict[str, list[str]]


class Candle(msgspec.Struct, gc=False):
    start: str
    open: str
    high: str
    low: str
    close: str
    volume: str


class Candles(msgspec.Struct, gc=False):
    candles: list[Candle]


class Product(msgspec.Struct, gc=False):
    product_id: str
    base_currency_id: str = ""
    quote_currency_id: str = ""
    price: str = ""
    volume_24h: str = ""
    approximate_quote_24h_volume: str = ""
    price_increment: str = ""
    base_increment: str = ""
    status: str = ""
    alias: str = ""
    product_type: str = "SPOT"
    is_disabled: bool = False
    trading_disabled: bool = False
    view_only: bool = False


class Products(msgspec.Struct, gc=False):
    products: list[Product]


class Amount(msgspec.Struct, gc=False):
    value: str
    currency: str = ""


class Account(msgspec.Struct, gc=False):
    """``available_balance`` and ``hold`` make the whole."""

    uuid: str
    currency: str
    available_balance: Amount
    hold: Amount | None = None
    name: str = ""


class Accounts(msgspec.Struct, gc=False):
    accounts: list[Account]
    has_next: bool = False
    cursor: str = ""


class Time(msgspec.Struct, gc=False):
    epochMillis: str  # noqa: N815 - Coinbase's word


envelope = msgspec.json.Decoder(Envelope).decode
trades = msgspec.json.Decoder(list[TradesEvent]).decode
tickers = msgspec.json.Decoder(list[TickerEvent]).decode
subscriptions = msgspec.json.Decoder(list[SubscriptionsEvent]).decode
candles = msgspec.json.Decoder(Candles).decode
products = msgspec.json.Decoder(Products).decode
server_time = msgspec.json.Decoder(Time).decode
accounts = msgspec.json.Decoder(Accounts).decode


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turns what goes wrong on reading into a `ProtocolError`."""
    try:
        yield
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise ProtocolError(f"not a Coinbase {what}: {error}") from error
