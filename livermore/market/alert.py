"""Alerts: what a rule found, with an id that is the same however often it is found."""

import hashlib
from typing import Any

import msgspec

from livermore.market.instant import iso
from livermore.market.signal import SIGNAL_TYPE, strength


class Alert(msgspec.Struct, frozen=True):
    """``candle_time`` and ``triggered_at`` are ms UTC; ``late`` alerts are recorded and streamed, never notified."""

    id: str
    exchange: str
    symbol: str
    timeframe: str
    rule: str
    label: str
    value: float
    price: str
    candle_time: int
    triggered_at: int
    late: bool
    details: dict[str, Any]


class PublicAlert(msgspec.Struct, frozen=True):
    """The whole public form."""

    id: str
    timestamp: str
    symbol: str
    exchange: str
    timeframe: str
    signal_type: str
    direction: str
    strength: str
    price: str
    late: bool


def alert_id(rule: str, exchange: str, symbol: str, timeframe: str, label: str, candle_time: int) -> str:
    """32 hex digits that name one crossing: evaluating the same candle again gives the same id."""
    parts = "\n".join((rule, exchange, symbol, timeframe, label, str(candle_time)))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def public(alert: Alert) -> PublicAlert:
    """What the public may see of an alert."""
    return PublicAlert(
        alert.id, iso(alert.triggered_at), alert.symbol, alert.exchange, alert.timeframe, SIGNAL_TYPE,
        direction(alert.label), strength(alert.value), alert.price, alert.late,
    )  # fmt: skip


def direction(label: str) -> str:
    """`bullish` or `bearish` for a trigger label, as ``level_-150`` or ``reversal_oversold`` (`reference.md` 11.5)."""
    if label.startswith("reversal_oversold"):
        return "bullish"
    return "bullish" if label.startswith("level_") and not label.startswith("level_-") else "bearish"
