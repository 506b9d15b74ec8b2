"""The bias of a symbol: where most of its timeframes lean, the longer the weightier (`reference.md` 8.5)."""

from collections.abc import Mapping

from livermore.market.timeframe import Timeframe

WEIGHTS = {Timeframe.M1: 1, Timeframe.M5: 2, Timeframe.M15: 3, Timeframe.H1: 4, Timeframe.H4: 5, Timeframe.D1: 6}
"""Of the timeframes that count, shortest first."""
BULLISH = frozenset({"oversold", "rebounding", "rallying"})
BEARISH = frozenset({"overbought", "retracing", "reversing"})
CLEARLY = 1.5
"""How many times as heavy one side must be as the other."""


def bias(stages: Mapping[Timeframe, str]) -> str:
    """`Bullish`, `Bearish` or `Neutral` for the stages of a symbol's timeframes."""
    bull = sum(weight for timeframe, weight in WEIGHTS.items() if stages.get(timeframe) in BULLISH)
    bear = sum(weight for timeframe, weight in WEIGHTS.items() if stages.get(timeframe) in BEARISH)
    if bull > CLEARLY * bear:
        return "Bullish"
    return "Bearish" if bear > CLEARLY * bull else "Neutral"
