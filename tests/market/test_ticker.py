"""Tests of the ticker's changes."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.ticker import absolute_change, changes


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


@pytest.mark.parametrize(
    ("price", "before", "change", "percent"),
    [
        ("0", "0", "0", "0"),
        ("110", "100", "10", "10"),
        ("90", "120", "-30", "-25"),
        ("100", "100.00", "0", "0"),
        ("5", "0", "5", "0"),
        ("0.00412", "0.004", "0.00012", "3"),
        ("2", "3", "-1", "-33.33333333"),
        ("1", "100000000000", "-99999999999", "-100"),
        ("0.99999999999", "1", "-0.00000000001", "0"),
        ("12345678901234567890123456789.1", "0.1", "12345678901234567890123456789", "12345678901234567890123456789000"),
        ("9" * 32, f"0.{'1'.zfill(32)}", f"{'9' * 31}8.{'9' * 32}", f"{'9' * 31}8{'9' * 32}00"),
    ],
)
def test_the_change_since_a_price_is_exact(price: str, before: str, change: str, percent: str) -> None:
    assert changes(price, before) == (change, percent)


@given(st.integers(0, 10**12), st.integers(0, 12), st.integers(1, 10**12), st.integers(0, 12))
def test_before_and_change_make_the_price(units: int, digits: int, units_before: int, digits_before: int) -> None:
    price, before = f"{Decimal(units).scaleb(-digits):f}", f"{Decimal(units_before).scaleb(-digits_before):f}"
    change, percent = changes(price, before)
    assert Fraction(before) + Fraction(change) == Fraction(price)
    exact = (Fraction(price) - Fraction(before)) / Fraction(before) * 100
    assert abs(Fraction(percent) - exact) <= Fraction(1, 10**8)
    assert "-0" not in (change, percent)
