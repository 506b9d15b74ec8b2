"""The outlook of a symbol in a portfolio's table (`reference.md` 12.1). For the admin side: nothing public tells it."""

from livermore.market.timeframe import Timeframe

TIMEFRAMES = (Timeframe.H1, Timeframe.H4, Timeframe.D1)
"""Those that it rests on, in the order in which `outlook` takes their values."""


def outlook(hour: float | None, four_hours: float | None, day: float | None) -> str:
    """What the table says of a symbol, by its indicator values of 1h, 4h and 1d."""
    if hour is None or four_hours is None or day is None:
        return "No Data"
    rules = (
        ("STRONG BUY", hour > 50 and four_hours > 50 and day > 0),
        ("STRONG SELL", hour < -50 and four_hours < -50 and day < 0),
        ("Bullish", min(hour, four_hours, day) > 0),
        ("Bearish", max(hour, four_hours, day) < 0),
        ("Reversal Up?", hour > 50 and four_hours < 0),
        ("Reversal Down?", hour < -50 and four_hours > 0),
    )
    return next((name for name, holds in rules if holds), "Mixed")
