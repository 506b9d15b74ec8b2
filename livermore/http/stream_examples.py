"""Examples of everything that is said on the stream; tests check that they have the declared form."""

from typing import Any

from livermore.http import examples

_ID = "coinbase:1771416000123-0"
_SERIES = {"symbol": "BTC-USD", "exchange": "coinbase", "timeframe": "1h"}
_AT = "2026-02-18T12:00:00.000Z"
_CANDLE = examples.CANDLES["data"][0]
_ALERT = examples.ALERTS["data"][0]
_SIGNAL = {
    **_SERIES, "signal_type": "momentum_signal", "direction": "bullish", "strength": "strong", "price": "64250.15",
    "timestamp": _AT, "ready": True, "bars_used": 350,
}  # fmt: skip
_GAP = {**_SERIES, **examples.CANDLES["meta"]["gaps"][0]}
_TICKER = {
    "symbol": "BTC-USD", "exchange": "coinbase", "price": "64250.15", "bid": "64250.14", "ask": "64250.16",
    "change_24h": "1210.4", "change_percent_24h": "1.92", "high_24h": "64900", "low_24h": "62875.5",
    "volume_24h": "10234.51", "timestamp": _AT,
}  # fmt: skip


def _event(kind: str, channel: str, data: Any) -> dict[str, Any]:
    return {"type": kind, "id": _ID, "channel": channel, "data": data}


SERVER: dict[str, dict[str, Any]] = {
    "welcome": {
        "type": "welcome", "heartbeat_seconds": 15.0, "exchanges": ["coinbase"], "ids": {"coinbase": _ID},
        "limits": {
            "channels_per_message": 20, "subscriptions": 500, "messages_per_second": 10, "message_bytes": 16384,
            "resume_window_seconds": 86400, "connections": 5,
        },
    },
    "subscribed": {
        "type": "subscribed", "exchange": "coinbase", "channels": ["candles:BTC-USD:1h", "alerts:*"],
        "rejected": [{"channel": "candles:BTC-USD:2h", "code": "INVALID_CHANNEL"}], "id": "7", "resumed": True,
    },
    "unsubscribed": {
        "type": "unsubscribed", "exchange": "coinbase", "channels": ["candles:BTC-USD:1h"], "rejected": [], "id": "8",
    },
    "snapshot": _event("snapshot", "candles:BTC-USD:1h", [_CANDLE]),
    "candle_close": _event("candle_close", "candles:BTC-USD:1h", _CANDLE),
    "candle_corrected": _event("candle_corrected", "candles:BTC-USD:1h", _CANDLE | {"revision": 1}),
    "trade_signal": _event("trade_signal", "signals:BTC-USD:1h", _SIGNAL),
    "alert": _event("alert", "alerts:BTC-USD", _ALERT),
    "gap": _event("gap", "candles:BTC-USD:1h", _GAP),
    "ticker": {"type": "ticker", "channel": "tickers:BTC-USD", "data": _TICKER},
    "pong": {"type": "pong", "id": "9"},
    "error": {
        "type": "error", "code": "INVALID_CHANNEL", "channel": "candles:BTC-USD:2h",
        "message": "expected a timeframe of 1m, 5m, 15m, 1h, 4h, 1d, or *",
    },
    "heartbeat": {"type": "heartbeat", "timestamp": _AT, "ids": {"coinbase": _ID}},
    "reconnect": {"type": "reconnect", "within_seconds": 5},
}  # fmt: skip
"""By ``type``."""

CLIENT: dict[str, dict[str, Any]] = {
    "auth": {"action": "auth", "key": "lvm_0123456789ab_…"},
    "subscribe": {
        "action": "subscribe", "exchange": "coinbase", "channels": ["candles:BTC-USD:1h", "signals:*:1h", "alerts:*"],
        "resume_from": [_ID], "snapshot": False, "id": "7",
    },
    "unsubscribe": {"action": "unsubscribe", "exchange": "coinbase", "channels": ["alerts:*"], "id": "8"},
    "ping": {"action": "ping", "id": "9"},
}  # fmt: skip
"""By ``action``."""
