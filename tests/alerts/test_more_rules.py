"""Tests of the rules that are off by default, and of what any rule can be told."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from livermore.alerts.engine import make_rules, step
from livermore.alerts.rule import Memory, Reading
from tests.alerts.examples import labels, reading


def heard(rule: Mapping[str, Any], readings: list[Reading]) -> list[list[str]]:
    """The labels that each reading leads to."""
    memory, found = Memory(), []
    for one in readings:
        memory, finds = step(make_rules([rule]), memory, one)
        found.append(labels(finds))
    return found


def stages(*names: str, **options: Any) -> list[list[str]]:
    """What a path of stages leads to, ten minutes from one to the next."""
    readings = [reading(0, 10 * i, stage=name) for i, name in enumerate(names, 1)]
    return heard({"stage_change": options}, readings)


def closes(*prices: float, symbols: tuple[str, ...] = ("BTC-USD",), **options: Any) -> list[list[str]]:
    """What a path of closes leads to, ten minutes from one to the next."""
    readings = [reading(0, 10 * i, close=price) for i, price in enumerate(prices, 1)]
    return heard({"price_cross": {"symbols": symbols, **options}}, readings)


# -- stages


def test_each_new_stage_is_told() -> None:
    assert stages("ranging", "rallying", "rallying", "retracing") == [[], ["stage_rallying"], [], ["stage_retracing"]]


def test_a_stage_trigger_says_which_one_it_was_before() -> None:
    memory, _ = step(make_rules([{"stage_change": {}}]), Memory(), reading(0, 1, stage="ranging"))
    _, (found,) = step(make_rules([{"stage_change": {}}]), memory, reading(0, 2, stage="rallying"))
    assert found.trigger.details == {"stage": "rallying", "before": "ranging"}
    assert found.trigger.previous == "stage_ranging"


def test_from_a_stage_that_is_not_known_and_to_one_nothing_is_told() -> None:
    assert stages("unknown", "rallying", "unknown", "rallying", "ranging") == [[], [], [], [], ["stage_ranging"]]


def test_a_stage_counts_once_it_has_held() -> None:
    path = ("ranging", "rallying", "ranging", "rallying", "rallying", "rallying", "ranging", "ranging")
    assert stages(*path, hold=2) == [[], [], [], [], ["stage_rallying"], [], [], ["stage_ranging"]]
    assert stages("a", "b", "c", "c", hold=2) == [[], [], [], ["stage_c"]]


def test_a_stage_told_again_for_the_same_candle_has_not_held_any_longer() -> None:
    path = [reading(0, at, stage=name) for at, name in [(10, "a"), (20, "b"), (20, "b"), (30, "b")]]
    assert heard({"stage_change": {"hold": 2}}, path) == [[], [], [], ["stage_b"]]


# -- prices


def test_a_price_is_crossed_from_below_and_from_above() -> None:
    assert closes(99, 101, 102, 98, prices=[100]) == [[], ["price_above_100"], [], ["price_below_100"]]
    assert closes(99, 100, 101, 100, 99, prices=["100.0"]) == [[], [], ["price_above_100"], [], ["price_below_100"]]


def test_of_several_prices_the_furthest_is_told() -> None:
    assert closes(1, 4, prices=[2, 3, 5]) == [[], ["price_above_3"]]
    assert closes(6, 1.5, prices=[2, 3, 5]) == [[], ["price_below_2"]]


def test_a_price_trigger_says_which_and_how() -> None:
    rules = make_rules([{"price_cross": {"symbols": ["BTC-USD"], "prices": ["0.0520"]}}])
    _, (found,) = step(rules, Memory(value=0.0, time=1, close=0.05), reading(0, 2, close=0.06))
    assert found.trigger.details == {"price": "0.052", "direction": "up"}


def test_a_price_is_crossed_again_only_after_it_was_left_by_the_hysteresis() -> None:
    assert closes(99, 101, 96, 101, prices=[100], hysteresis="5%") == [[], ["price_above_100"], ["price_below_100"], []]
    assert closes(99, 101, 95, 101, prices=[100], hysteresis="5%")[3] == ["price_above_100"]


def test_the_close_before_the_first_that_is_remembered_crosses_nothing() -> None:
    rules = make_rules([{"price_cross": {"symbols": ["BTC-USD"], "prices": [100]}}])
    assert step(rules, Memory(value=0.0, time=1), reading(0, 2, close=101))[1] == []


def test_prices_are_those_of_one_symbol_and_of_minutes_unless_others_are_named() -> None:
    with pytest.raises(ValidationError, match="prices are those of one symbol"):
        make_rules([{"price_cross": {"prices": [1]}}])
    with pytest.raises(ValidationError, match="prices are those of one symbol"):
        make_rules([{"price_cross": {"prices": [1], "symbols": ["BTC-USD", "ETH-USD"]}}])
    (rule,) = make_rules([{"price_cross": {}}])
    assert rule.options.timeframes == ("1m",)


# -- what any rule can be told


def levels(**options: Any) -> Mapping[str, Any]:
    return {"level_cross": options}


@pytest.mark.parametrize(
    ("options", "fires"),
    [
        ({}, True),
        ({"symbols": ["BTC-USD", "ETH-USD"]}, True),
        ({"symbols": ["ETH-USD"]}, False),
        ({"timeframes": ["1m", "1d"]}, True),
        ({"timeframes": ["5m"]}, False),
        ({"timeframes": ["1m"], "symbols": ["ETH-USD"]}, False),
    ],
)
def test_a_rule_judges_only_the_series_it_is_for(options: Any, fires: bool) -> None:
    found = heard(levels(**options), [reading(0, 1), reading(160, 2)])
    assert found == [[], ["level_150"] if fires else []]


def test_the_cooldown_is_an_option() -> None:
    path = [reading(value, i) for i, value in enumerate([0, 160, 0, 160, 0, 160], 1)]
    assert [bool(found) for found in heard(levels(cooldown="0s"), path)] == [False, True, False, True, False, True]
    assert [bool(found) for found in heard(levels(cooldown="4m"), path)] == [False, True, False, False, False, True]


def test_every_rule_has_a_cooldown() -> None:
    assert stages("a", "b", "a", "b", cooldown="20m")[3] == ["stage_b"]
    assert stages("a", "b", "a", "b", cooldown="21m")[3] == []
    assert closes(99, 101, 99, 101, prices=[100], cooldown="20m")[3] == ["price_above_100"]
    assert closes(99, 101, 99, 101, prices=[100], cooldown="21m")[3] == []
    turned = [reading(-200, 1), reading(-200, 2, 50), reading(-300, 3), reading(-300, 5, 50)]
    rules = make_rules([{"level_cross": {}}, {"reversal": {"cooldown": "3m"}}])
    memory, found = Memory(), []
    for one in turned:
        memory, finds = step(rules, memory, one)
        found.append(labels(finds))
    assert found == [[], ["reversal_oversold"], ["level_-250"], ["reversal_oversold"]]


def test_a_level_is_crossed_again_only_after_it_was_left_by_the_hysteresis() -> None:
    path = [reading(value, 10 * i) for i, value in enumerate([0, 160, 131, 160, 130, 160, 210, 149, 210], 1)]
    expected = [[], ["level_150"], [], [], [], ["level_150"], ["level_200"], [], ["level_200"]]
    assert heard(levels(hysteresis=20, levels=[150, 200]), path) == expected
    assert heard(levels(hysteresis=20), [reading(-v.value, v.close_time // 60_000) for v in path])[3] == []


def test_an_outer_level_tells_though_an_inner_one_is_spent() -> None:
    path = [reading(value, 10 * i) for i, value in enumerate([0, 160, 140, 210], 1)]
    assert heard(levels(hysteresis=20), path) == [[], ["level_150"], [], ["level_200"]]


@pytest.mark.parametrize(
    "entry",
    [
        {"level_cross": {"symbols": ["btc-usd"]}},
        {"level_cross": {"symbols": ["BTC"]}},
        {"level_cross": {"timeframes": ["2m"]}},
        {"level_cross": {"cooldown": 300}},
        {"level_cross": {"hysteresis": -1}},
        {"level_cross": {"levels": [0]}},
        {"level_cross": {"level": [150]}},
        {"stage_change": {"hold": 0}},
        {"price_cross": {"symbols": ["BTC-USD"], "prices": [0]}},
        {"price_cross": {"symbols": ["BTC-USD"], "prices": ["much"]}},
        {"price_cross": {"symbols": ["BTC-USD"], "hysteresis": 5}},
    ],
)
def test_what_makes_no_sense_is_refused(entry: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make_rules([entry])
