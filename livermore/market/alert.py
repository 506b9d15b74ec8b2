"""Alerts: what a rule found, with an id that is the same however often it is found."""

import hashlib
from typing import Any

import msgspec

from livermore.market import signal
from livermore.market.instant import iso
from livermore.market.signal import SIGNAL_TYPE, strength


class Alert(msgspec.Struct, frozen=True):
    """``candle_time`` and ``triggered_at`` are ms UTC; ``late`` alerts are recorded and streamed, never notified.

    ``previous``: the label of what it was before, where a rule tells of a change from one thing to another.
    """

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
    previous: str | None = None


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
    """`bullish` or `bearish` for a trigger label, as ``level_-150`` or ``reversal_oversold`` (`reference.md` 11.5).

    A change to a stage that leans to no side is `neutral`.
    """
    if label.startswith("stage_"):
        return signal.direction(label.removeprefix("stage_"))
    rising = label.startswith(("reversal_oversold", "price_above_", "level_"))
    return "bullish" if rising and not label.startswith("level_-") else "bearish"
