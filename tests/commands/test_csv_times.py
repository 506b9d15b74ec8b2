"""Tests of times in CSV files: each form is told apart, and what may mean two moments is refused."""

import pytest

from livermore.commands.csv_times import Form, moment
from livermore.market.instant import parse_iso

NOON = parse_iso("2026-08-09T12:00:00Z")


@pytest.mark.parametrize(
    ("text", "form", "at"),
    [
        ("2026-08-09T12:00:00Z", Form.OFFSET, NOON),
        ("2026-08-09T12:00:00.500Z", Form.OFFSET, NOON + 500),
        ("2026-08-09 14:00:00+02:00", Form.OFFSET, NOON),
        ("2026-08-09T08:00-0400", Form.OFFSET, NOON),
        ("2026-08-09 12:00:00", Form.PLAIN, NOON),
        ("2026-08-09T12:00", Form.PLAIN, NOON),
        ("2026-08-09", Form.PLAIN, NOON - 12 * 3_600_000),
        (str(NOON // 1000), Form.SECONDS, NOON),
        (f"{NOON // 1000}.0", Form.SECONDS, NOON),
        (str(NOON), Form.MILLISECONDS, NOON),
        ("100000000", Form.SECONDS, 100_000_000_000),
        ("100000000000", Form.MILLISECONDS, 100_000_000_000),
    ],
)
def test_a_time_is_read_in_the_form_in_which_it_is_written(text: str, form: Form, at: int) -> None:
    assert moment(text) == (form, at)


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "nan", "-1786276800", "1786276800.5", "1.7862768e9", "20260809", "17862768000", f"{NOON}000",
        f"{NOON}000000", "09/08/2026", "2026-13-01", "2026-08-09T12:00:00 UTC", "2026-W32-7", "1969-12-31",
        "0001-01-01", "9999-12-31", "2026-08-09T25:00", "\u0661786276800",
    ],
)  # fmt: skip
def test_what_may_mean_two_moments_or_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|must be"):
        moment(text)
