"""Tests of canonical amounts."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.amount import canonical, text_of, total

whole = st.text("0123456789", min_size=1, max_size=32)
fraction = st.text("0123456789", min_size=1, max_size=32)
plain = st.one_of(whole, st.builds("{}.{}".format, whole, fraction))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("34.10", "34.1"),
        ("34.1", "34.1"),
        ("007", "7"),
        ("0", "0"),
        ("000", "0"),
        ("0.0", "0"),
        ("00.50", "0.5"),
        ("100", "100"),
        ("0.00000001", "0.00000001"),
        ("9" * 32 + "." + "9" * 32, "9" * 32 + "." + "9" * 32),
    ],
)
def test_an_amount_has_one_text(text: str, expected: str) -> None:
    assert canonical(text) == expected


@given(plain)
def test_canonical_form_is_exact_and_stays_as_it_is(text: str) -> None:
    assert Decimal(canonical(text)) == Decimal(text)
    assert canonical(canonical(text)) == canonical(text)


@given(plain, plain)
def test_texts_are_equal_exactly_where_amounts_are(one: str, other: str) -> None:
    assert (canonical(one) == canonical(other)) == (Decimal(one) == Decimal(other))


@given(plain, st.integers(0, 5), st.integers(0, 5))
def test_needless_zeros_make_no_difference(text: str, before: int, behind: int) -> None:
    padded = "0" * before + (text + "0" * behind if "." in text else text)
    if len(padded.partition(".")[0]) <= 32 and len(padded.partition(".")[2]) <= 32:
        assert canonical(padded) == canonical(text)


SIGNED = ["+1", "-1", "--1"]
WITH_EXPONENT = ["1e3", "1E-8"]
NO_NUMBER = ["", " ", ".", "NaN", "nan", "Infinity", "inf", "None", "0x1", "\0"]
HALF_WRITTEN = [".5", "5.", "1.2.3", "1,000", "1_000", " 1", "1 ", "1\n"]
OTHER_DIGITS = ["\u0663", "\uff11", "\u00b2"]
TOO_LONG = ["1" * 33, "1." + "1" * 33]


@pytest.mark.parametrize("text", [*SIGNED, *WITH_EXPONENT, *NO_NUMBER, *HALF_WRITTEN, *OTHER_DIGITS, *TOO_LONG])
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a plain decimal number"):
        canonical(text)


@given(st.text())
def test_whatever_is_accepted_is_a_number_in_plain_notation(text: str) -> None:
    try:
        found = canonical(text)
    except ValueError:
        return
    assert set(found) <= set("0123456789.")
    assert Decimal(found) >= 0


@given(st.lists(plain, max_size=30))
def test_a_sum_is_exact_however_many_digits_it_needs(texts: list[str]) -> None:
    assert Fraction(text_of(total(map(Decimal, texts)))) == sum(map(Fraction, texts))


def test_a_sum_is_not_rounded_to_28_digits() -> None:
    assert (
        text_of(total(map(Decimal, ("1" + "0" * 31, "0." + "0" * 31 + "1")))) == "1" + "0" * 31 + "." + "0" * 31 + "1"
    )


def test_the_text_of_an_amount_is_plain_whatever_its_exponent() -> None:
    assert [text_of(Decimal(text)) for text in ("1E+3", "1.500E-7", "0E-8", "12.00")] == [
        "1000",
        "0.00000015",
        "0",
        "12",
    ]
