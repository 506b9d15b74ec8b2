"""Whole units as text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.amount import canonical
from livermore.simulator.amounts import increment, text_of


@given(st.integers(0, 10**18), st.integers(0, 12))
def test_the_text_of_units_is_their_exact_amount_in_canonical_form(units, digits):
    text = text_of(units, digits)
    assert Decimal(text) == Decimal(units).scaleb(-digits)
    assert canonical(text) == text


@pytest.mark.parametrize(("digits", "text"), [(0, "1"), (2, "0.01"), (8, "0.00000001")])
def test_an_increment_is_one_unit(digits, text):
    assert increment(digits) == text
