"""Products: what an exchange lists, and which of it is worth watching."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec


class Product(msgspec.Struct, frozen=True):
    """One tradable pair. ``volume24h`` counts in the base currency, ``quote_volume24h`` in the quote currency.

    ``online``: whether candles of it come into being; ``status``: the exchange's own word; ``alias``: the symbol under
    which its market data arrive, where that is another one. What an exchange does not tell is None.
    """

    symbol: str
    base: str
    quote: str
    price: str
    volume24h: str
    quote_volume24h: str
    price_increment: str
    base_increment: str
    online: bool
    status: str = "online"
    alias: str = ""
    trade_count24h: int | None = None
    bid: str | None = None
    ask: str | None = None
    bid_size: str | None = None
    ask_size: str | None = None


def ranked(products: Sequence[Product]) -> list[Product]:
    """The products that trade, by falling quote volume, then by name."""
    return sorted((p for p in products if p.online), key=lambda p: (-Decimal(p.quote_volume24h), p.symbol))


def choose(products: Sequence[Product], wanted: Sequence[str], most: int) -> list[str]:
    """The symbols to watch, most traded first: those ``wanted``, or, with none named, the ``most`` traded ones."""
    trading = [p.symbol for p in ranked(products)]
    if wanted:
        return [symbol for symbol in trading if symbol in set(wanted)]
    return trading[:most]
