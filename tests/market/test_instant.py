"""Tests of moments as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.instant import iso, parse_iso

moments = st.integers(0, 253_402_300_799_999)


@given(moments)
def test_a_moment_survives_the_way_there_and_back(ms: int) -> None:
    assert parse_iso(iso(ms)) == ms


@given(moments, moments)
def test_texts_sort_as_moments_do(one: int, other: int) -> None:
    assert (iso(one) < iso(other)) == (one < other)


def test_the_text_has_milliseconds_and_ends_in_z() -> None:
    assert iso(1_786_309_548_228) == "2026-08-09T21:05:48.228Z"
    assert iso(0) == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("fraction", "ms"),
    [
        ("", 0),
        (".2", 200),
        (".22", 220),
        (".228", 228),
        (".2288", 228),
        (".228846629", 228),
        (".39625135", 396),
        (".999999999", 999),
        (".0009", 0),
        (".000", 0),
    ],
)
def test_digits_beyond_the_milliseconds_are_cut_off(fraction: str, ms: int) -> None:
    assert parse_iso(f"2026-08-09T21:05:48{fraction}Z") == 1_786_309_548_000 + ms


@given(moments, st.text("0123456789", max_size=9))
def test_more_digits_never_move_a_moment(ms: int, more: str) -> None:
    assert parse_iso(iso(ms).removesuffix("Z") + more + "Z") == ms


def test_a_leap_day_exists_in_leap_years_only() -> None:
    assert iso(parse_iso("2028-02-29T00:00:00Z")) == "2028-02-29T00:00:00.000Z"
    with pytest.raises(ValueError, match="day"):
        parse_iso("2026-02-29T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Z",
        "2026-08-09Z",
        "2026-08-09T21Z",
        "2026-08-09T21:05Z",
        "2026-08-09T21:05:48",
        "2026-08-09T21:05:48+00:00",
        "2026-08-09T21:05:48+00:00Z",
        "2026-08-09T21:05:48.Z",
        "2026-08-09T21:05:48,5Z",
        "2026-08-09T21:05:48.5-01:00Z",
        "2026-08-09T21:05:48.\uff11Z",
        "2026-08-09 21:05:48Z",
        "2026-08-09t21:05:48z",
        "20260809T210548Z",
        "2026-W32-7T21:05:48Z",
        "2026-08-09T24:00:00Z",
        "2026-08-09T21:05:60Z",
        "2026-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "٢٠٢٦-08-09T21:05:48Z",
        "2026-08-09T21:05:48Z\n",
        "1786309548",
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_iso(text)


@given(st.text("0123456789-:TZ.+ ", max_size=32))
def test_nothing_but_a_value_error_comes_of_a_text(text: str) -> None:
    try:
        parse_iso(text)
    except ValueError:
        return
