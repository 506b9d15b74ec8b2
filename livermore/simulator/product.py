"""The rows of Coinbase's list of products, with all fields that were recorded (`exchanges.md` 2)."""

from decimal import Decimal
from typing import Any

import msgspec

from livermore.simulator.listing import Listing
from livermore.simulator.wire import TickerRow

_SINCE = "2023-01-01T00:00:00Z"


class ProductRow(msgspec.Struct, kw_only=True):
    """Amounts are decimal strings, changes percent. A twin names the book that it shows in ``alias``."""

    product_id: str
    price: str
    price_percentage_change_24h: str
    volume_24h: str
    volume_percentage_change_24h: str = ""
    base_increment: str
    quote_increment: str
    quote_min_size: str = "1"
    quote_max_size: str = "150000000"
    base_min_size: str
    base_max_size: str = "150000000"
    base_name: str
    quote_name: str
    watched: bool = False
    is_disabled: bool = False
    new: bool = False
    status: str = "online"
    cancel_only: bool = False
    limit_only: bool = False
    post_only: bool = False
    trading_disabled: bool = False
    auction_mode: bool = False
    product_type: str = "SPOT"
    quote_currency_id: str
    base_currency_id: str
    fcm_trading_session_details: None = None
    mid_market_price: str = ""
    alias: str = ""
    alias_to: list[str]
    base_display_symbol: str
    quote_display_symbol: str
    view_only: bool = False
    price_increment: str
    display_name: str
    product_venue: str = "CBE"
    approximate_quote_24h_volume: str
    new_at: str = _SINCE
    market_cap: str = ""
    base_cbrn: str = ""
    quote_cbrn: str = ""
    product_cbrn: str = ""
    icon_color: str = ""
    icon_url: str = ""
    display_name_overwrite: str = ""
    is_alpha_testing: bool = False
    about_description: str = ""
    best_bid_price: str = ""
    best_ask_price: str = ""
    high_24h: str
    low_24h: str


def product_row(listing: Listing, ticker: TickerRow | None) -> ProductRow:
    """The row of a book; without a ticker its amounts are empty, as for products that nobody has traded yet."""
    return ProductRow(
        **_names(listing),
        **_amounts(ticker),
        alias_to=[listing.twin] if listing.twin else [],
        base_increment=listing.base_increment,
        base_min_size=listing.base_increment,
        quote_increment=listing.price_increment,
        price_increment=listing.price_increment,
    )


def twin_row(row: ProductRow) -> ProductRow:
    """The same book under its other name, which stands in its ``alias_to``."""
    name = row.alias_to[0]
    quote = name.partition("-")[2]
    return msgspec.structs.replace(
        row, product_id=name, display_name=name, alias=row.product_id, alias_to=[],
        quote_name=quote, quote_currency_id=quote,
    )  # fmt: skip


def _names(listing: Listing) -> dict[str, Any]:
    base, quote = listing.base, listing.quote
    return {
        "product_id": listing.symbol,
        "display_name": listing.symbol,
        "base_name": listing.name,
        "quote_name": "US Dollar" if quote == "USD" else quote,
        "base_currency_id": base,
        "base_display_symbol": base,
        "quote_currency_id": quote,
        "quote_display_symbol": "USD",
    }


def _amounts(ticker: TickerRow | None) -> dict[str, Any]:
    if ticker is None:
        names = "price", "price_percentage_change_24h", "volume_24h", "high_24h", "low_24h"
        return dict.fromkeys((*names, "approximate_quote_24h_volume"), "")
    t = ticker
    return {
        "price": t.price,
        "price_percentage_change_24h": t.price_percent_chg_24_h,
        "volume_24h": t.volume_24_h,
        "high_24h": t.high_24_h,
        "low_24h": t.low_24_h,
        "approximate_quote_24h_volume": f"{round(Decimal(t.volume_24_h) * Decimal(t.price), 2).normalize():f}",
    }
