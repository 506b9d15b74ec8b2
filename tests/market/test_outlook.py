"""Tests of the outlook: every rule at its border, in their order (`reference.md` 12.1)."""

import pytest

from livermore.market.outlook import outlook


@pytest.mark.parametrize(
    ("hour", "four_hours", "day", "expected"),
    [
        (51, 51, 1, "STRONG BUY"),
        (50, 51, 1, "Bullish"),
        (51, 50, 1, "Bullish"),
        (51, 51, 0, "Mixed"),
        (-51, -51, -1, "STRONG SELL"),
        (-50, -51, -1, "Bearish"),
        (-51, -50, -1, "Bearish"),
        (-51, -51, 0, "Mixed"),
        (1, 1, 1, "Bullish"),
        (1, 1, 0, "Mixed"),
        (-1, -1, -1, "Bearish"),
        (51, -1, 5, "Reversal Up?"),
        (50, -1, 5, "Mixed"),
        (51, 0, -5, "Mixed"),
        (-51, 1, -5, "Reversal Down?"),
        (-50, 1, -5, "Mixed"),
        (-51, 0, 5, "Mixed"),
        (0, 0, 0, "Mixed"),
        (None, 1, 1, "No Data"),
        (1, None, 1, "No Data"),
        (1, 1, None, "No Data"),
    ],
)
def test_the_outlook_of_a_symbol_in_a_portfolio(
    hour: float | None, four_hours: float | None, day: float | None, expected: str
) -> None:
    assert outlook(hour, four_hours, day) == expected
