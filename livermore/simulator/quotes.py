"""The best orders that wait: at which prices, and how much."""

from typing import NamedTuple


class Quotes(NamedTuple):
    """Decimal strings."""

    bid: str
    ask: str
    bid_quantity: str
    ask_quantity: str
