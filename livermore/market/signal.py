"""Signals as the public may see them: a direction and a strength, never the indicator behind them."""

import msgspec

BULLISH = frozenset({"rallying", "rebounding", "overbought"})
BEARISH = frozenset({"retracing", "reversing", "oversold"})
SIGNAL_TYPE = "momentum_signal"


class PublicSignal(msgspec.Struct, frozen=True):
    """The whole public form. ``timestamp`` is the open time of the candle it was computed from, ISO-8601."""

    symbol: str
    exchange: str
    timeframe: str
    signal_type: str
    direction: str
    strength: str
    price: str | None
    timestamp: str
    ready: bool
    bars_used: int


def direction(stage: str) -> str:
    """`bullish`, `bearish` or `neutral` for a stage (`reference.md` 11.5)."""
    return "bullish" if stage in BULLISH else "bearish" if stage in BEARISH else "neutral"


def strength(value: float | None) -> str:
    """`extreme`, `strong`, `moderate` or `weak` for an indicator value; `moderate` where there is none."""
    if value is None:
        return "moderate"
    size = abs(value)
    return "extreme" if size >= 150 else "strong" if size >= 80 else "moderate" if size >= 30 else "weak"
