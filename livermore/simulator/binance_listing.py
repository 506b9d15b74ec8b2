"""Binance's exchangeInfo: its limits and its symbols (`exchanges.md` 4)."""

from collections.abc import Iterable
from typing import Any

from livermore.simulator.binance_rows import eight, native
from livermore.simulator.binance_venue import Venue
from livermore.simulator.listing import Listing

_ORDER_TYPES = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"]
_DIGITS = 8


def exchange_info(venue: Venue, listings: Iterable[Listing], now: int, *, permissions: bool) -> dict[str, Any]:
    """The whole answer at ``now`` (ms UTC), with or without who may trade."""
    return {
        "timezone": "UTC",
        "serverTime": now,
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": venue.budget},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
            {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 200_000},
            {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": venue.raw_requests},
        ],
        "exchangeFilters": [],
        "symbols": [_symbol(listing, [["SPOT"]] if permissions else []) for listing in listings],
    }


def _symbol(listing: Listing, permissions: list[list[str]]) -> dict[str, Any]:
    return {
        "symbol": native(listing.symbol),
        "status": "TRADING",
        "baseAsset": listing.base,
        "baseAssetPrecision": _DIGITS,
        "quoteAsset": listing.quote,
        "quotePrecision": _DIGITS,
        "quoteAssetPrecision": _DIGITS,
        "baseCommissionPrecision": _DIGITS,
        "quoteCommissionPrecision": _DIGITS,
        "orderTypes": _ORDER_TYPES,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(listing),
        "permissions": [],
        "permissionSets": permissions,
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


def _filters(listing: Listing) -> list[dict[str, Any]]:
    tick, lot = (eight(step) for step in (listing.price_increment, listing.base_increment))
    most = "900000000000.00000000"
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00000000", "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": most, "stepSize": lot},
        {"filterType": "ICEBERG_PARTS", "limit": 10},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": most, "stepSize": "0.00000000"},
        {
            "filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True,
            "maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
    ]  # fmt: skip
