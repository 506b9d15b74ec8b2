"""Tests of what people read in values: every border, exactly."""

from math import inf, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.analysis import crossover, divergence, liquidity, scalping_bias, stage, zone

numbers = st.floats(allow_nan=False)


def above(value: float) -> float:
    return nextafter(value, inf)


def below(value: float) -> float:
    return nextafter(value, -inf)


# -- stages

STAGES = [
    (-150.0001, -999.0, "oversold"),
    (-150.0001, 999.0, "oversold"),
    (-150.0, -999.0, "unknown"),
    (-150.0, 999.0, "unknown"),
    (-149.9999, -150.0, "rebounding"),
    (-149.9999, -149.0, "reversing"),
    (-100.0, -100.0, "unknown"),
    (-50.0001, -50.0, "reversing"),
    (-50.0, -40.0, "unknown"),
    (-50.0, -60.0, "rebounding"),
    (-49.9999, -40.0, "retracing"),
    (-49.9999, -49.9999, "ranging"),
    (0.0, 0.0, "ranging"),
    (0.0, 1.0, "retracing"),
    (0.0, -1.0, "rebounding"),
    (49.9999, 49.9999, "ranging"),
    (49.9999, 49.0, "rebounding"),
    (50.0, 40.0, "unknown"),
    (50.0, 50.0, "unknown"),
    (50.0, 60.0, "retracing"),
    (50.0001, 50.0, "rallying"),
    (100.0, 100.0, "unknown"),
    (149.9999, 149.0, "rallying"),
    (150.0, 140.0, "unknown"),
    (150.0, 150.0, "unknown"),
    (150.0, 160.0, "retracing"),
    (150.0001, 150.0, "overbought"),
    (200.0, 200.0, "unknown"),
    (200.0, 250.0, "retracing"),
    (float("nan"), 0.0, "unknown"),
    (0.0, float("nan"), "unknown"),
]


@pytest.mark.parametrize(("value", "line", "expected"), STAGES)
def test_the_stage_follows_from_value_and_signal_line(value: float, line: float, expected: str) -> None:
    assert stage(value, line) == expected


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_only_borders_and_equal_values_have_no_stage(value: float, line: float) -> None:
    if stage(value, line) == "unknown":
        assert value == line or value in (-150, -50, 50, 150)


# -- zones


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-inf, "oversold"),
        (-120.0, "oversold"),
        (above(-120.0), "deep_negative"),
        (-100.0, "deep_negative"),
        (above(-100.0), "negative"),
        (below(-30.0), "negative"),
        (-30.0, "neutral"),
        (0.0, "neutral"),
        (30.0, "neutral"),
        (above(30.0), "positive"),
        (below(80.0), "positive"),
        (80.0, "elevated"),
        (below(120.0), "elevated"),
        (120.0, "overbought"),
        (inf, "overbought"),
    ],
)
def test_the_zone_of_a_value(value: float, expected: str) -> None:
    assert zone(value) == expected


@given(numbers)
def test_no_value_is_deep_positive(value: float) -> None:
    assert zone(value) != "deep_positive"


# -- crossovers

TINY = 5e-324


@pytest.mark.parametrize(
    ("histogram", "before", "expected"),
    [
        (None, 1.0, "none"),
        (1.0, None, "none"),
        (None, None, "none"),
        (TINY, 0.0, "fresh_bullish"),
        (1.0, -TINY, "fresh_bullish"),
        (1.0, TINY, "bullish"),
        (-TINY, 0.0, "fresh_bearish"),
        (-1.0, TINY, "fresh_bearish"),
        (-1.0, -TINY, "bearish"),
        (0.0, 1.0, "none"),
        (0.0, -1.0, "none"),
        (0.0, 0.0, "none"),
        (-0.0, 1.0, "none"),
    ],
)
def test_a_crossover_is_fresh_on_the_bar_on_which_the_histogram_changes_sides(
    histogram: float | None, before: float | None, expected: str
) -> None:
    assert crossover(histogram, before) == expected


@given(numbers, numbers)
def test_a_crossover_turned_upside_down_is_the_other_one(histogram: float, before: float) -> None:
    mirror = {"bearish": "bullish", "fresh_bearish": "fresh_bullish", "none": "none"}
    mirror |= {there: here for here, there in mirror.items()}
    assert crossover(-histogram, -before) == mirror[crossover(histogram, before)]


# -- scalping bias

LONG = {
    "deep_negative": "strong_long",
    "negative": "long",
    "neutral": "weak_long",
    "positive": "long",
    "elevated": "weak_long",
    "deep_positive": "weak_long",
}
SHORT = {
    "deep_negative": "weak_short",
    "negative": "short",
    "neutral": "weak_short",
    "positive": "short",
    "elevated": "short",
    "deep_positive": "strong_short",
}


@pytest.mark.parametrize("where", LONG)
@pytest.mark.parametrize("phase", ["rebounding", "rallying"])
def test_a_rise_under_a_positive_histogram_leans_to_long(where: str, phase: str) -> None:
    assert scalping_bias(where, phase, TINY) == LONG[where]
    assert scalping_bias(where, phase, 0.0) == scalping_bias(where, phase, -1.0) == "neutral"


@pytest.mark.parametrize("where", SHORT)
@pytest.mark.parametrize("phase", ["retracing", "reversing"])
def test_a_fall_over_a_negative_histogram_leans_to_short(where: str, phase: str) -> None:
    assert scalping_bias(where, phase, -TINY) == SHORT[where]
    assert scalping_bias(where, phase, 0.0) == scalping_bias(where, phase, 1.0) == "neutral"


@pytest.mark.parametrize("where", ["overbought", "oversold"])
@pytest.mark.parametrize("phase", ["rallying", "retracing", "ranging", "unknown"])
def test_at_the_ends_there_is_only_caution(where: str, phase: str) -> None:
    assert {scalping_bias(where, phase, h) for h in (-1.0, 0.0, 1.0)} == {"caution"}


@pytest.mark.parametrize("phase", ["ranging", "unknown", "oversold", "overbought"])
@given(numbers)
def test_without_a_direction_there_is_no_bias(phase: str, histogram: float) -> None:
    assert scalping_bias("neutral", phase, histogram) == "neutral"


# -- divergence


@pytest.mark.parametrize(
    ("values", "plain", "expected"),
    [
        ([100, 0, 116, 0], [100, 0, 100, 0], "diverging"),
        ([100, 0, 115, 0], [100, 0, 100, 0], "aligned"),
        ([100, 0, 100, 0], [100, 0, 115, 0], "aligned"),
        ([100, 0, 100, 0], [100, 0, 116, 0], "converging"),
        ([-100, 0, -80, 0], [100, 0, 100, 0], "diverging"),
        ([100, 0, 200, 0], [1, 0, 2, 0], "aligned"),
        ([7, 7, 100, 0, 116, 999], [7, 100, 0, 100, -999], "diverging"),
        ([0, 0, 116, 0], [100, 0, 100, 0], "aligned"),
        ([100, 0, 116, 0], [0, 0, 100, 0], "aligned"),
        ([100, 0, 116], [100, 0, 100, 0], "aligned"),
        ([100, 0, 116, 0], [100, 0, 100], "aligned"),
        ([], [], "aligned"),
    ],
)
def test_a_divergence_is_told_of_the_three_points_before_the_newest(
    values: list[float], plain: list[float], expected: str
) -> None:
    assert divergence(values, plain) == expected


@given(st.lists(st.floats(0.1, 500), min_size=4, max_size=8), st.floats(0.5, 2))
def test_what_goes_together_is_aligned_whatever_its_unit(values: list[float], unit: float) -> None:
    assert divergence(values, [value * unit for value in values]) == "aligned"


# -- liquidity


@pytest.mark.parametrize(
    ("gap_ratio", "expected"),
    [(0.0, "high"), (below(0.2), "high"), (0.2, "medium"), (below(0.5), "medium"), (0.5, "low"), (1.0, "low")],
)
def test_liquidity_is_told_by_the_share_of_bars_without_trades(gap_ratio: float, expected: str) -> None:
    assert liquidity(gap_ratio) == expected
