"""From a trigger to an alert: it tells of all timeframes, and the same events give the same alert."""

from typing import Any

from livermore.alerts.raising import raised, reading
from livermore.alerts.rule import Memory, Trigger
from livermore.market.timeframe import Timeframe

RECORD: dict[str, Any] = {
    "timestamp": 600_000,
    "symbol": "BTC-USD",
    "timeframe": "1m",
    "close": "34.1",
    "value": {"macdV": -151.5, "signal": -140.0, "histogram": -11.5},
    "params": {"stage": "oversold"},
    "validity": {"ready": True},
}
TRIGGER = Trigger("level_cross", "level_-150", {"level": -150, "direction": "down"})
MEMORIES = {
    Timeframe.H4: Memory(60.5, 0, stage="rallying"),
    Timeframe.M1: Memory(-151.5, 660_000, stage="oversold"),
    Timeframe.D1: Memory(),
}


def test_a_reading_knows_its_stage() -> None:
    now = reading(RECORD)
    assert now is not None
    assert now.stage == "oversold"


def test_details_have_the_timeframes_that_have_a_value_shortest_first_and_the_bias() -> None:
    details = raised(TRIGGER, RECORD, "coinbase", None, 660_000, MEMORIES).details
    assert details == {
        "level": -150,
        "direction": "down",
        "signal": -140.0,
        "histogram": -11.5,
        "timeframes": [
            {"timeframe": "1m", "macdV": -151.5, "stage": "oversold"},
            {"timeframe": "4h", "macdV": 60.5, "stage": "rallying"},
        ],
        "bias": "Bullish",
    }


def test_the_same_events_give_the_same_alert() -> None:
    twice = [raised(TRIGGER, RECORD, "coinbase", "34.2", 660_500, MEMORIES) for _ in range(2)]
    assert twice[0] == twice[1]
