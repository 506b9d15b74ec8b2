"""Examples for the API's documents; tests check that they have the declared form."""

from typing import Any

from livermore.http.refusal import bad_parameter, plain

_WHERE = {"symbol": "BTC-USD", "exchange": "coinbase", "timeframe": "1h"}
_AT = "2026-02-18T12:00:00.000Z"


def _page(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"success": True, "data": [item], "meta": {"count": 1, "next_cursor": None, "has_more": False, **more}}


_GAP = {"start_time": _AT, "end_time": "2026-02-18T13:00:00.000Z", "cause": "disconnect", "verdict": "repaired"}
CANDLES = _page(
    {
        "timestamp": _AT, "open": "64012.5", "high": "64300", "low": "63950.01", "close": "64250.15",
        "volume": "312.40518", **_WHERE, "revision": 0,
    },
    stale=False, complete=True, gaps=[_GAP],
)  # fmt: skip
COVERAGE = _page(
    {
        **_WHERE, "first": "2026-01-08T00:00:00.000Z", "last": _AT, "count": 996,
        "known_from": "2026-01-08T00:00:00.000Z", "known_to": "2026-02-18T13:00:00.000Z", "complete": True,
        "stale": False, "gaps": [_GAP], "gaps_cut": False,
    }
)  # fmt: skip
TIME = _page({"timestamp": _AT, "unix_ms": 1_771_416_000_000, "market": None})
SIGNALS = _page(
    {
        "symbol": "BTC-USD", "exchange": "coinbase", "price": "64250.15", "type": "momentum_signal",
        "direction": "bullish", "strength": "strong", "timeframe": "1h", "updated_at": _AT, "ready": True,
        "bars_used": 350, "stale": False,
    }
)  # fmt: skip
ALERTS = _page(
    {
        "id": "5f0c3c2b9e1d4a7f8b6a5d4c3b2a1908", "timestamp": _AT, **_WHERE, "signal_type": "momentum_signal",
        "direction": "bullish", "strength": "extreme", "price": "64250.15", "late": False,
    }
)  # fmt: skip
EXCHANGES = _page(
    {"id": "coinbase", "name": "Coinbase", "status": "online", "symbol_count": 100, "data_age_seconds": 12}
)
SYMBOLS = _page(
    {
        "symbol": "BTC-USD", "base": "BTC", "quote": "USD", "exchange": "coinbase", "liquidity_grade": "high",
        "last_price": "64250.15", "volume_24h": "10234.51",
    }
)  # fmt: skip
LIMITS = _page(
    {
        "id": "3f9a1c5e7b20", "name": "trader", "scopes": ["read", "stream"], "expires": None,
        "requests_per_minute": 300, "remaining": 271, "reset_seconds": 6, "connections": 5, "connections_open": 1,
        "requests_today": 1840, "resume_window_seconds": 86400,
    }
)  # fmt: skip


def error(status: int) -> dict[str, Any]:
    """An error of this status."""
    refusal = bad_parameter("limit", "expected a whole number from 1 to 1000") if status == 400 else plain(status)
    param = {"param": refusal.param} if refusal.param else {}
    fault = {"code": refusal.code, "message": refusal.message, **param}
    return {"success": False, "error": fault | {"request_id": "9f1c2d3e4b5a69788796a5b4c3d2e1f0"}}
