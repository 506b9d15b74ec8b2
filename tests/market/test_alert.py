"""Tests of alerts: ids that name one crossing, and what the public may see."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.alert import Alert, alert_id, direction, public
from tests.market.examples import NOON

WORDS = ("level_cross", "coinbase", "BTC-USD", "5m", "level_-150", NOON)

words = st.text("abcXYZ0123456789-_/.", max_size=12)
crossings = st.tuples(words, words, words, words, words, st.integers(0, 2**53))


def test_an_id_is_the_same_for_ever() -> None:
    """The ids are kept in SQL and by webhooks: a change repeats alerts that were raised already."""
    assert alert_id(*WORDS) == "8d855307098a02e175a45a97cc423bf1"


@pytest.mark.parametrize("place", range(6))
def test_each_part_of_a_crossing_makes_it_another(place: int) -> None:
    parts: list[Any] = list(WORDS)
    parts[place] = parts[place] + 60_000 if place == 5 else parts[place] + "x"
    assert alert_id(*parts) != alert_id(*WORDS)


@given(crossings, crossings)
def test_ids_are_equal_exactly_where_crossings_are(one: tuple, other: tuple) -> None:
    assert (alert_id(*one) == alert_id(*other)) == (one == other)


@given(crossings)
def test_an_id_is_32_hex_digits(one: tuple) -> None:
    assert len(alert_id(*one)) == 32
    assert set(alert_id(*one)) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("reversal_oversold", "bullish"),
        ("reversal_oversold_late", "bullish"),
        ("reversal_overbought", "bearish"),
        ("level_-150", "bearish"),
        ("level_-400", "bearish"),
        ("level_150", "bullish"),
        ("level_400", "bullish"),
        ("level_", "bullish"),
        ("", "bearish"),
        ("stage_rallying", "bullish"),
        ("stage_retracing", "bearish"),
        ("stage_ranging", "neutral"),
        ("price_above_60000", "bullish"),
        ("price_below_60000", "bearish"),
    ],
)
def test_a_label_is_told_as_a_direction(label: str, expected: str) -> None:
    assert direction(label) == expected


def test_the_public_form_says_nothing_of_the_indicator() -> None:
    alert = Alert(
        id="ab", exchange="coinbase", symbol="BTC-USD", timeframe="5m", rule="level_cross", label="level_-150",
        value=-151.25, price="65000.5", candle_time=NOON, triggered_at=NOON + 301_234, late=False,
        details={"level": -150, "signal": -120.5},
    )  # fmt: skip
    assert msgspec.to_builtins(public(alert)) == {
        "id": "ab",
        "timestamp": "2026-08-09T12:05:01.234Z",
        "symbol": "BTC-USD",
        "exchange": "coinbase",
        "timeframe": "5m",
        "signal_type": "momentum_signal",
        "direction": "bearish",
        "strength": "extreme",
        "price": "65000.5",
        "late": False,
    }
