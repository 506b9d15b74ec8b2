"""Public forms that the store has not: built field by field, so that nothing else can slip out."""

import msgspec

from livermore.market.instant import iso
from livermore.market.ticker import Ticker


class PublicTicker(msgspec.Struct, frozen=True):
    """The whole public form. Amounts are decimal strings; ``timestamp`` is ISO-8601."""

    symbol: str
    exchange: str
    price: str
    bid: str | None
    ask: str | None
    change_24h: str
    change_percent_24h: str
    high_24h: str
    low_24h: str
    volume_24h: str
    timestamp: str


def ticker(one: Ticker, exchange: str) -> PublicTicker:
    """What the public may see of a ticker."""
    return PublicTicker(
        one.symbol, exchange, one.price, one.bid, one.ask, one.change24h, one.change_percent24h,
        one.high24h, one.low24h, one.volume24h, iso(one.timestamp),
    )  # fmt: skip
