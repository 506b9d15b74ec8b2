"""A ticker: the newest price of a symbol and its last 24 hours."""

from decimal import ROUND_HALF_EVEN, Decimal

import msgspec


class Ticker(msgspec.Struct, frozen=True):
    """All amounts are canonical decimal strings (a change may be negative); ``timestamp`` is ms UTC."""

    symbol: str
    price: str
    change24h: str
    change_percent24h: str
    high24h: str
    low24h: str
    volume24h: str
    timestamp: int
    bid: str | None = None
    ask: str | None = None


def absolute_change(price: str, percent: str) -> str:
    """The change over 24 h that a percentage stands for, to the price's digits, at least two."""
    now, share = Decimal(price), Decimal(percent)
    if share <= -100:
        return "0"
    digits = max(2, len(price.partition(".")[2]))
    change = (now - now / (1 + share / 100)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    return f"{change.normalize() + 0:f}"
