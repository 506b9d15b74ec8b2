"""Coinbase's older public lists of currencies and rates, which some clients want before anything else."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from livermore.simulator.listing import Listing


def fiat() -> dict[str, Any]:
    """``/v2/currencies``."""
    return {"data": [{"id": "USD", "name": "United States Dollar", "min_size": "0.01"}]}


def crypto(listings: Sequence[Listing]) -> dict[str, Any]:
    """``/v2/currencies/crypto``."""
    return {"data": [_asset(number, listing) for number, listing in enumerate(listings, 100)]}


def rates(prices: Mapping[str, str]) -> dict[str, Any]:
    """``/v2/exchange-rates``: what a dollar buys, for the ``prices`` of base currencies in dollars."""
    found = {base: f"{1 / Decimal(price):.16f}" for base, price in prices.items()}
    return {"data": {"currency": "USD", "rates": {"USD": "1", **found}}}


def _asset(number: int, listing: Listing) -> dict[str, Any]:
    return {
        "asset_id": str(uuid5(NAMESPACE_URL, listing.base)),
        "code": listing.base,
        "name": listing.name,
        "color": "#000000",
        "sort_index": number,
        "exponent": 8,
        "type": "crypto",
        "address_regex": "",
    }
