"""Products: what an exchange lists, and which of it is worth watching."""

from collections.abc import Mapping, Sequence
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


TIER_1_SCORE, TIER_1_RANK = 0.4, 15
"""What is not named is watched if it scores so much, or is among so many of the most traded (`reference.md` 4.7)."""


def ranked(products: Sequence[Product]) -> list[Product]:
    """The products that trade, by falling quote volume, then by name."""
    return sorted((p for p in products if p.online), key=lambda p: (-Decimal(p.quote_volume24h), p.symbol))


def choose(products: Sequence[Product], wanted: Sequence[str], most: int, scores: Mapping[str, float]) -> list[str]:
    """The symbols to watch, most traded first: those ``wanted``, or, with none named, tier 1 of the ``most`` traded.

    Of an alias the symbol is watched under which its data arrive.
    """
    trading = [p.symbol for p in ranked(products)]
    if wanted:
        aliases = {p.symbol: p.alias for p in products if p.alias}
        meant = {aliases.get(symbol, symbol) for symbol in wanted}
        return [symbol for symbol in trading if symbol in meant]
    return [
        symbol
        for rank, symbol in enumerate(trading[:most], 1)
        if rank <= TIER_1_RANK or scores.get(symbol, 0.0) >= TIER_1_SCORE
    ]


def edited(
    products: Sequence[Product], watched: Sequence[str], added: Sequence[str], removed: Sequence[str]
) -> list[str]:
    """What was chosen, with the symbols that operators have added and without those that they have removed."""
    wanted = ({*watched} | {*added}) - {*removed}
    return [product.symbol for product in ranked(products) if product.symbol in wanted]


def unknown(products: Sequence[Product], wanted: Sequence[str]) -> list[str]:
    """Of the symbols that are wanted those that the exchange does not list at all."""
    listed = {p.symbol for p in products}
    return [symbol for symbol in wanted if symbol not in listed]
