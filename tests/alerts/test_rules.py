"""Tests of the two rules, one sentence of `reference.md` 8 each."""

import pytest

from livermore.alerts.engine import make_rules, step
from livermore.alerts.level_cross import LevelCross
from livermore.alerts.rule import COOLDOWN, Memory
from livermore.errors import LivermoreError
from tests.alerts.examples import RULES, after, labels, lived, reading

LEVELS = (150, 200, 250, 300, 350, 400)


def found(before: float, now: float, *, histogram: float = 0.0) -> list[str]:
    """What is found where one value follows another."""
    _, triggers = step(RULES, after(before), reading(now, 2, histogram))
    return labels(triggers)


# -- levels


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_crossed_from_it_or_before_it_to_beyond_it(level: int) -> None:
    assert found(level - 1, level + 1) == [f"level_{level}"]
    assert found(level, level + 0.001) == [f"level_{level}"]
    assert found(1 - level, -1 - level) == [f"level_-{level}"]
    assert found(-level, -level - 0.001) == [f"level_-{level}"]


@pytest.mark.parametrize("level", LEVELS)
def test_to_touch_a_level_or_to_come_back_over_it_is_no_crossing(level: int) -> None:
    assert found(level - 1, level) == []
    assert found(level + 1, level) == []
    assert found(level + 1, level - 1) == []
    assert found(1 - level, -level) == []
    assert found(-1 - level, 1 - level) == []


def test_of_several_levels_only_the_outermost_is_told() -> None:
    assert found(0, 1_000) == ["level_400"]
    assert found(160, 301) == ["level_300"]
    assert found(0, -1_000) == ["level_-400"]
    assert found(-160, -301) == ["level_-300"]


def test_a_leap_from_one_side_to_the_other_tells_of_the_side_it_ends_on() -> None:
    assert found(-500, 210) == ["level_200"]
    assert found(500, -210) == ["level_-200"]


def test_a_level_trigger_says_what_was_crossed_and_how() -> None:
    up, down = (step(RULES, after(a), reading(b, 2))[1][0].trigger for a, b in [(149, 201), (-149, -151)])
    assert (up.rule, up.details) == ("level_cross", {"level": 200, "direction": "up"})
    assert (down.rule, down.details) == ("level_cross", {"level": -150, "direction": "down"})


def test_levels_may_be_listed_in_any_order() -> None:
    (rule,) = make_rules([{"level_cross": {"levels": [10, 400, 25]}}])
    _, trigger = rule.judge(Memory(value=0.0, time=1), reading(30, 2))
    assert trigger is not None
    assert trigger.label == "level_25"


def test_without_levels_nothing_is_crossed() -> None:
    (rule,) = make_rules([{"level_cross": {"levels": []}}])
    assert rule.judge(Memory(value=-1_000.0, time=1), reading(1_000, 2))[1] is None


# -- cooldowns


def test_a_label_is_silent_for_five_minutes_of_candle_time_after_it_fired() -> None:
    path = [0, 160, 0, 160, 0, 160, 0, 160]
    _, triggers = lived(reading(value, i) for i, value in enumerate(path, 1))
    assert [labels(t) for t in triggers] == [[], ["level_150"], [], [], [], [], [], ["level_150"]]
    assert COOLDOWN == 300


@pytest.mark.parametrize(("minutes", "fires"), [(4, False), (5, True), (6, True)])
def test_the_cooldown_ends_with_its_fifth_minute(minutes: int, fires: bool) -> None:
    memory = after(0, 160, 0)
    _, triggers = step(RULES, memory, reading(160, 2 + minutes))
    assert bool(triggers) is fires


def test_each_level_cools_by_itself() -> None:
    _, triggers = lived(reading(value, i) for i, value in enumerate([0, 160, 210, 0, 210], 1))
    assert [labels(t) for t in triggers] == [[], ["level_150"], ["level_200"], [], []]


def test_a_level_that_is_cooling_lets_no_smaller_one_fire_in_its_place() -> None:
    _, triggers = lived(reading(value, i) for i, value in enumerate([0, 210, 0, 210], 1))
    assert [labels(t) for t in triggers] == [[], ["level_200"], [], []]


# -- reversals


@pytest.mark.parametrize(
    ("before", "now", "histogram", "expected"),
    [
        (-200, -200, 10.001, ["reversal_oversold"]),
        (-200, -200, 10.0, []),
        (-200, -200, -50.0, []),
        (-150, -200, 50.0, []),
        (-200, -150, 50.0, []),
        (-150.001, -150.001, 7.6, ["reversal_oversold"]),
        (200, 200, -6.001, ["reversal_overbought"]),
        (200, 200, -6.0, []),
        (200, 200, 50.0, []),
        (150, 150.5, -50.0, []),
        (200, 150, -50.0, []),
        (150.001, 150.001, -4.6, ["reversal_overbought"]),
        (-200, 200, -50.0, []),
        (0, 0, 50.0, []),
    ],
)
def test_a_reversal_needs_both_values_far_out_and_a_histogram_beyond_the_buffer(
    before: float, now: float, histogram: float, expected: list[str]
) -> None:
    only = make_rules([{"reversal": {}}])
    assert labels(step(only, Memory(value=before, time=60_000), reading(now, 2, histogram))[1]) == expected


def test_a_reversal_trigger_says_how_far_it_turned() -> None:
    low, high = (step(RULES, after(v), reading(v, 2, h))[1][0].trigger for v, h in [(-210, 15), (210, -15)])
    assert (low.rule, low.label) == ("reversal", "reversal_oversold")
    assert low.details == {"zone": "oversold", "buffer": pytest.approx(10.5), "bufferPct": pytest.approx(5)}
    assert high.details == {"zone": "overbought", "buffer": pytest.approx(6.3), "bufferPct": pytest.approx(3)}


def test_a_reversal_fires_once_until_a_level_is_crossed_again() -> None:
    path = [(-160, 0), (-190, 20), (-180, 20), (-170, 20), (-180, 20), (-190, 20), (-180, 20), (-180, 20)]
    _, triggers = lived(reading(value, i, h) for i, (value, h) in enumerate(path, 1))
    assert [labels(t) for t in triggers] == [[], ["reversal_oversold"], *[[]] * 6]

    memory = after(-160)
    memory, first = step(RULES, memory, reading(-190, 2, 20))
    memory, level = step(RULES, memory, reading(-210, 3))
    _, second = step(RULES, memory, reading(-205, 7, 20))
    assert [labels(t) for t in (first, level, second)] == [["reversal_oversold"], ["level_-200"], ["reversal_oversold"]]


def test_a_reversal_is_armed_again_by_a_level_of_the_other_side_too() -> None:
    memory = Memory(value=-160.0, time=0, reversed=True)
    memory, _ = step(RULES, memory, reading(160, 1))
    assert not memory.reversed


def test_a_level_that_is_cooling_does_not_arm_a_reversal() -> None:
    memory = Memory(value=-160.0, time=60_000, reversed=True, fired={"level_-200": 60_000})
    memory, triggers = step(RULES, memory, reading(-210, 2, 50))
    assert (memory.reversed, triggers) == (True, [])


def test_both_sides_share_one_cooldown() -> None:
    memory = Memory(value=200.0, time=60_000, fired={"reversal": 60_000})
    assert step(RULES, memory, reading(200, 5, -50))[1] == []
    assert labels(step(RULES, memory, reading(200, 6, -50))[1]) == ["reversal_overbought"]


def test_a_level_and_a_reversal_may_be_found_at_once_in_the_order_of_the_rules() -> None:
    assert found(-160, -210, histogram=50) == ["level_-200", "reversal_oversold"]


def test_buffers_are_options() -> None:
    (rule,) = make_rules([{"reversal": {"oversold_buffer": "50%"}}])
    assert rule.judge(Memory(value=-200.0, time=1), reading(-200, 2, 99))[1] is None
    assert rule.judge(Memory(value=-200.0, time=1), reading(-200, 2, 101))[1] is not None


# -- making rules


def test_rules_judge_in_the_order_in_which_they_are_listed() -> None:
    assert [rule.name for rule in make_rules([{"reversal": None}, {"level_cross": {}}])] == ["reversal", "level_cross"]
    assert isinstance(make_rules([{"level_cross": {}}])[0], LevelCross)


@pytest.mark.parametrize("word", ["level_crosss", "engine", "rule", "", "../level_cross"])
def test_a_word_that_is_no_rule_is_refused_with_those_there_are(word: str) -> None:
    with pytest.raises(LivermoreError, match="expected one of level_cross, price_cross, reversal, stage_change; found"):
        make_rules([{word: {}}])
