"""Tests of what is known of a series again once its memory is lost, and what is found on the way."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from livermore.alerts.engine import Found, step
from livermore.alerts.raising import reading
from livermore.alerts.rule import Memory
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.rebuilding import SETTLED, Past, before, judged, remembered
from livermore.store.fired import Fired
from tests.alerts.examples import MINUTE, RULES, SERIES
from tests.market.examples import NOON, candle

LAST = 10_000 * MINUTE
SINCE = LAST - 2 * MINUTE - SETTLED


def record(value: float, at: int, **changes: Any) -> dict[str, Any]:
    """That of the candle that closed ``at`` this minute."""
    return {
        "timestamp": (at - 1) * MINUTE,
        "symbol": "BTC-USD",
        "timeframe": "1m",
        "close": "1",
        "value": {"macdV": value, "signal": value, "histogram": 0.0},
        "params": {"stage": "unknown"},
        "validity": {"ready": True, "observed_bars": 300},
        "revision": 0,
        **changes,
    }


def recorded(label: str, close_time: int, timeframe: Timeframe = Timeframe.M1) -> Fired:
    return Fired(f"{label} {close_time}", timeframe, close_time, label, settled=True)


def told(*values: float, first: int = 1) -> list[tuple[Series, dict[str, Any]]]:
    return [(SERIES, record(value, at)) for at, value in enumerate(values, first)]


# -- what had fired


def test_what_fired_is_known_from_what_is_recorded_up_to_well_before_the_newest_alert() -> None:
    past = Past(1, [recorded("level_150", SINCE), recorded("level_200", SINCE - MINUTE), recorded("x", LAST)], LAST)
    memory = remembered(SERIES, past)
    assert memory == Memory(time=SINCE, fired={"level_150": SINCE, "level_200": SINCE - MINUTE})


def test_of_a_label_that_fired_often_the_last_time_counts_in_whatever_order_the_rows_come() -> None:
    rows = [recorded("level_150", SINCE - MINUTE), recorded("level_150", SINCE), recorded("level_150", SINCE - LAST)]
    assert remembered(SERIES, Past(1, rows, LAST)).fired == {"level_150": SINCE}


def test_what_was_crossed_later_may_be_found_once_more() -> None:
    past = Past(1, [recorded("level_150", SINCE + 1)], LAST)
    assert remembered(SERIES, past) == Memory(time=SINCE)


def test_the_alerts_of_other_timeframes_are_none_of_this_one() -> None:
    past = Past(1, [recorded("level_150", SINCE, Timeframe.M5)], LAST)
    assert remembered(SERIES, past).fired == {}


@pytest.mark.parametrize(
    ("labels", "latched"),
    [
        (["reversal_oversold"], True),
        (["reversal_oversold", "level_-200"], False),
        (["level_-150", "reversal_oversold"], True),
        (["reversal_oversold", "price_above_1"], True),
        (["reversal_oversold", "stage_ranging"], True),
    ],
)
def test_a_reversal_is_latched_if_no_level_came_after_it(labels: Sequence[str], latched: bool) -> None:
    rows = [recorded(label, SINCE - LAST + i) for i, label in enumerate(labels)]
    memory = remembered(SERIES, Past(1, rows[::-1], LAST))
    assert memory.reversed is latched
    assert ("reversal" in memory.fired) == any(label.startswith("reversal") for label in labels)


def test_the_stage_that_was_told_last_is_known() -> None:
    rows = [recorded("stage_rallying", SINCE - 1), recorded("stage_ranging", SINCE), recorded("level_150", SINCE)]
    assert remembered(SERIES, Past(1, rows, LAST)).settled == "ranging"


@pytest.mark.parametrize("past", [Past(None, [recorded("level_150", 1)], LAST), Past(1, [], None)])
def test_where_nobody_knows_what_was_seen_nothing_is_remembered(past: Past) -> None:
    assert remembered(SERIES, past) == Memory()


# -- what was to be judged


def before_noon(count: int, observed: int, at: int = 0, **changes: Any) -> list[dict[str, Any]]:
    """The records of so many candles before the one that opens ``at`` minutes after noon."""
    held = [candle(NOON + i * MINUTE, close=str(100 + i)) for i in range(-count, 3)]
    trail = [msgspec.json.encode([c.open_time, 60.0, 50.0]) for c in held if c.open_time not in changes.get("no", ())]
    newest = record(1, 1, timestamp=NOON + at * MINUTE, validity={"ready": True, "observed_bars": observed})
    return list(map(dict, before(newest, trail, held)))


def test_every_candle_before_a_record_is_told_of_with_its_value_and_close() -> None:
    found = before_noon(3, 1000)
    assert [one["timestamp"] for one in found] == [NOON - 3 * MINUTE, NOON - 2 * MINUTE, NOON - MINUTE]
    assert [one["close"] for one in found] == ["97", "98", "99"]
    assert found[0]["value"] == {"macdV": 60.0, "signal": 50.0, "histogram": 10.0}
    assert found[0]["params"] == {"stage": "rallying"}


@pytest.mark.parametrize(("observed", "ready"), [(253, 3), (252, 2), (251, 1), (250, 0)])
def test_only_values_that_were_ready_are_told_of(observed: int, ready: int) -> None:
    assert [one["timestamp"] for one in before_noon(3, observed)] == [NOON - i * MINUTE for i in range(ready, 0, -1)]


def test_candles_without_a_value_are_none() -> None:
    assert len(before_noon(3, 1000, no=[NOON - 2 * MINUTE])) == 2


def test_what_came_after_the_record_is_none_of_it() -> None:
    assert [one["timestamp"] for one in before_noon(1, 1000, at=1)] == [NOON - MINUTE, NOON]


# -- judging it


def test_what_lies_before_the_memory_is_only_what_the_next_is_held_against() -> None:
    memory, found = judged(RULES, Memory(time=2 * MINUTE), told(0, 160, 210, 0, -160))
    assert [(find.found.trigger.label, find.reading.close_time) for find in found] == [
        ("level_200", 3 * MINUTE),
        ("level_-150", 5 * MINUTE),
    ]
    assert (memory.value, memory.time) == (-160, 5 * MINUTE)


def test_a_moment_between_two_candles_is_as_good_as_one_at_which_a_candle_closed() -> None:
    _, found = judged(RULES, Memory(time=2 * MINUTE + 1), told(0, 160, 210))
    assert [find.found.trigger.label for find in found] == ["level_200"]


def test_what_closed_before_the_series_was_watched_is_no_find_when_it_is_told_later_either() -> None:
    """REST may tell of the newest candles only after it has told of those before them."""
    memory, found = judged(RULES, Memory(time=2 * MINUTE + 1), told(0))
    assert found == []
    memory, found = later(memory, told(160, 210, first=2))
    assert [find.trigger.label for find in found] == ["level_200"]
    assert memory.time == 3 * MINUTE


def later(memory: Memory, told: Sequence[tuple[Series, Any]]) -> tuple[Memory, list[Found]]:
    """What the evaluator does with signals of a series that it remembers."""
    found: list[Found] = []
    for series, one in told:
        now = reading(series.exchange, one)
        assert now is not None
        memory, finds = step(RULES, memory, now)
        found += finds
    return memory, found


def test_the_first_is_only_remembered_where_nothing_lies_before() -> None:
    memory, found = judged(RULES, Memory(time=MINUTE), told(160, 210, first=2))
    assert [find.found.trigger.label for find in found] == ["level_200"]
    memory, found = judged(RULES, Memory(), told(160))
    assert (memory.value, found) == (160, [])


def test_what_fired_before_keeps_its_cooldown() -> None:
    memory = Memory(time=MINUTE, fired={"level_150": MINUTE})
    assert judged(RULES, memory, told(0, 160))[1] == []
    assert len(judged(RULES, memory, [(SERIES, record(0, 1)), (SERIES, record(160, 6))])[1]) == 1


def test_each_find_has_the_id_of_its_own_candle() -> None:
    _, found = judged(RULES, Memory(time=MINUTE), told(0, 160, 210))
    assert [find.record["timestamp"] for find in found] == [MINUTE, 2 * MINUTE]
    assert len({find.id for find in found}) == 2
