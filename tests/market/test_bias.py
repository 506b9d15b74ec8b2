"""The bias of a symbol over its timeframes."""

import pytest

from livermore.market.bias import bias
from livermore.market.timeframe import Timeframe


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ({}, "Neutral"),
        (dict.fromkeys(Timeframe, "ranging"), "Neutral"),
        (dict.fromkeys(Timeframe, "unknown"), "Neutral"),
        ({Timeframe.M1: "rallying"}, "Bullish"),
        ({Timeframe.M1: "oversold"}, "Bullish"),
        ({Timeframe.M1: "rebounding"}, "Bullish"),
        ({Timeframe.M1: "overbought"}, "Bearish"),
        ({Timeframe.M1: "retracing"}, "Bearish"),
        ({Timeframe.M1: "reversing"}, "Bearish"),
        ({Timeframe.M15: "rallying", Timeframe.M5: "reversing"}, "Neutral"),  # 3 to 2: exactly half as much again
        ({Timeframe.M5: "rallying", Timeframe.M15: "reversing"}, "Neutral"),
        ({Timeframe.H1: "rallying", Timeframe.M5: "reversing"}, "Bullish"),  # 4 to 2
        ({Timeframe.M5: "rallying", Timeframe.H1: "reversing"}, "Bearish"),
        ({Timeframe.D1: "rallying", Timeframe.H4: "reversing"}, "Neutral"),  # 6 to 5
        ({Timeframe.D1: "rallying", Timeframe.M15: "reversing", Timeframe.H4: "ranging"}, "Bullish"),
    ],
)
def test_the_longer_timeframe_is_the_weightier(stages: dict[Timeframe, str], expected: str) -> None:
    assert bias(stages) == expected
