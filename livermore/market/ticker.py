"""A ticker: the newest price of a symbol and its last 24 hours."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

import msgspec

from livermore.market.amount import text_of, total

_WIDE = Context(prec=100, rounding=ROUND_HALF_EVEN)
"""Holds the quotient of any two amounts."""
_EIGHT_DIGITS = Decimal("1e-8")


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


def changes(price: str, before: str) -> tuple[str, str]:
    """The change since the price ``before``: exact, and in percent to eight digits; of nothing, that is 0."""
    now, then = Decimal(price), Decimal(before)
    change = total((now, -then))
    percent = _WIDE.divide(change.scaleb(2, _WIDE), then) if then else Decimal(0)
    return text_of(change), text_of(_WIDE.plus(percent.quantize(_EIGHT_DIGITS, context=_WIDE)))  # plus: no -0
