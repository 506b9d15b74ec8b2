"""Tests of the ticker's absolute change."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.ticker import absolute_change


@pytest.mark.parametrize(
    ("price", "percent", "change"),
    [
        ("110", "10", "10"),
        ("90", "-10", "-10"),
        ("100", "0", "0"),
        ("65086.18", "0.09601107287722", "62.43"),
        ("0.00412", "3", "0.00012"),
        ("200", "100", "100"),
        ("1", "-0.001", "0"),
        ("50", "-100", "0"),
        ("50", "-250", "0"),
        ("0", "5", "0"),
        ("1000", "900", "900"),
    ],
)
def test_the_change_is_told_to_the_digits_of_the_price(price: str, percent: str, change: str) -> None:
    assert absolute_change(price, percent) == change


@given(st.integers(1, 10**9), st.integers(0, 8), st.integers(-9_999, 100_000))
def test_price_less_change_is_yesterdays_price(units: int, digits: int, hundredths: int) -> None:
    price, share = Decimal(units).scaleb(-digits), Decimal(hundredths) / 100
    change = Decimal(absolute_change(f"{price:f}", str(share)))
    assert abs(change - (price - price / (1 + share / 100))) <= Decimal(1).scaleb(-max(2, digits)) / 2


@given(st.integers(1, 10**9), st.integers(0, 8), st.integers(-9_999, 100_000))
def test_the_change_is_plain_and_without_needless_zeros(units: int, digits: int, hundredths: int) -> None:
    change = absolute_change(f"{Decimal(units).scaleb(-digits):f}", str(Decimal(hundredths) / 100))
    assert set(change) <= set("-0123456789.")
    assert change != "-0"
    assert "." not in change or not change.endswith(("0", "."))
