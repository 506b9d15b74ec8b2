"""Tests of what the public may see of a signal."""

import pytest

from livermore.market.signal import direction, strength


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("rallying", "bullish"),
        ("rebounding", "bullish"),
        ("overbought", "bullish"),
        ("retracing", "bearish"),
        ("reversing", "bearish"),
        ("oversold", "bearish"),
        ("ranging", "neutral"),
        ("unknown", "neutral"),
        ("", "neutral"),
        ("Rallying", "neutral"),
    ],
)
def test_a_stage_is_told_as_a_direction(stage: str, expected: str) -> None:
    assert direction(stage) == expected


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0.0, "weak"),
        (29.999, "weak"),
        (30.0, "moderate"),
        (79.999, "moderate"),
        (80.0, "strong"),
        (149.999, "strong"),
        (150.0, "extreme"),
        (1e6, "extreme"),
    ],
)
def test_a_value_is_told_as_a_strength_whatever_its_sign(size: float, expected: str, sign: int) -> None:
    assert strength(sign * size) == expected


def test_no_value_is_told_as_moderate() -> None:
    assert strength(None) == "moderate"
