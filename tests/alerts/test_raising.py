"""From a trigger to an alert: it tells of all timeframes, and the same events give the same alert."""

from typing import Any

import pytest

from livermore.alerts.engine import Found
from livermore.alerts.raising import Find, raised, reading
from livermore.alerts.rule import Memory, Trigger
from livermore.market.timeframe import Timeframe

RECORD: dict[str, Any] = {
    "timestamp": 600_000,
    "symbol": "BTC-USD",
    "timeframe": "1m",
    "close": "34.1",
    "value": {"macdV": -151.5, "signal": -140.0, "histogram": -11.5},
    "params": {"stage": "oversold"},
    "validity": {"ready": True, "observed_bars": 251},
    "revision": 2,
}
DETAILS = {"level": -150, "direction": "down"}
RULE = {"level_cross": {"levels": [150], "hysteresis": 0.0}}
BEFORE = Memory(-149.0, 600_000, fired={"level_150": 1}, stage="retracing")
MEMORIES = {
    Timeframe.H4: Memory(60.5, 0, stage="rallying"),
    Timeframe.M1: Memory(-151.5, 660_000, stage="oversold"),
    Timeframe.D1: Memory(),
}


def test_a_reading_knows_its_stage() -> None:
    now = reading("coinbase", RECORD)
    assert now is not None
    assert (now.stage, now.close, now.close_time) == ("oversold", 34.1, 660_000)
    assert now.series == ("coinbase", "BTC-USD", "1m")


def find(previous: str | None = None) -> Find:
    now = reading("coinbase", RECORD)
    assert now is not None
    return Find(Found(Trigger("level_cross", "level_-150", DETAILS, previous), BEFORE, RULE), now, RECORD)


def test_details_have_the_timeframes_that_have_a_value_shortest_first_and_the_bias() -> None:
    details = raised(find(), None, 660_000, MEMORIES).details
    del details["why"]
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
    twice = [raised(find(), "34.2", 660_500, MEMORIES) for _ in range(2)]
    assert twice[0] == twice[1]


def test_an_alert_says_what_it_rests_on() -> None:
    assert raised(find(), None, 660_000, MEMORIES).details["why"] == {
        "rule": RULE,
        "before": {
            "value": -149.0,
            "time": 600_000,
            "reversed": False,
            "fired": {"level_150": 1},
            "stage": "retracing",
            "close": None,
            "held": 0,
            "settled": None,
            "spent": (),
            "since": 0,
        },
        "now": {
            "close_time": 660_000,
            "close": 34.1,
            "value": -151.5,
            "signal": -140.0,
            "histogram": -11.5,
            "stage": "oversold",
        },
        "revision": 2,
        "validity": {"ready": True, "observed_bars": 251},
    }


@pytest.mark.parametrize(("minutes", "late", "price"), [(2, False, "40"), (3, True, "34.1")])
def test_what_is_found_after_two_timeframes_is_late_and_has_the_price_of_its_candle(
    minutes: int, late: bool, price: str
) -> None:
    alert = raised(find(), "40", 660_000 + minutes * 60_000, MEMORIES)
    assert (alert.late, alert.price) == (late, price)


def test_without_a_newer_price_an_alert_has_that_of_its_candle() -> None:
    assert raised(find(), None, 660_000, MEMORIES).price == "34.1"


def test_a_change_tells_what_was_before_it() -> None:
    assert raised(find(), None, 660_000, MEMORIES).previous is None
    assert raised(find("stage_ranging"), None, 660_000, MEMORIES).previous == "stage_ranging"
