"""Grants: what may be asked for a key, and what is said of anything else."""

import pytest
from pydantic import ValidationError

from livermore.errors import LivermoreError
from livermore.store.grant import LONGEST, Grant

NOW = 1_700_000_000_000
DAY = 86_400_000


def end(expires: str | None) -> object:
    return Grant(name="me", expires=expires).terms(NOW)["expires_at"]


def test_a_name_is_all_it_takes() -> None:
    assert Grant(name="me").terms(NOW) == {
        "scopes": ["read", "stream"], "requests_per_minute": 300, "connections": 5, "expires_at": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("expires", "at"),
    [
        ("90d", NOW + 90 * DAY),
        ("1h", NOW + 3_600_000),
        ("250ms", NOW + 250),
        ("2023-11-14T22:13:20.001Z", NOW + 1),
        ("2027-01-31T00:00:00Z", 1_801_353_600_000),
        ("36500d", NOW + LONGEST),
    ],
)
def test_an_end_is_a_duration_or_a_time(expires: str, at: int) -> None:
    assert end(expires) == at


@pytest.mark.parametrize(
    "expires", ["", "90", "90 d", "-1d", "tomorrow", "2027-01-31", "2027-02-31T00:00:00Z", "2027-01-31T00:00:00+01:00"]
)
def test_any_other_end_is_refused(expires: str) -> None:
    with pytest.raises(LivermoreError, match="expires: expected a duration, as 90d, or a time, as"):
        end(expires)


@pytest.mark.parametrize("expires", ["0s", "2023-11-14T22:13:20.000Z", "1970-01-01T00:00:00Z", "36501d", "999999999d"])
def test_an_end_is_still_to_come_and_can_be_written_down(expires: str) -> None:
    with pytest.raises(LivermoreError, match="expires: expected a time to come"):
        end(expires)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 101), ("name", "a\nb"), ("name", " a"), ("name", "\x1b[31m"), ("name", "\ud800"),
        ("scopes", []), ("scopes", ["write"]), ("scopes", ["read", "read"]), ("scopes", "read"),
        ("requests_per_minute", 0), ("requests_per_minute", 100_001), ("requests_per_minute", "300"),
        ("requests_per_minute", 1.5), ("requests_per_minute", True), ("connections", 0), ("connections", 1001),
        ("connections", None), ("expires", 90), ("expires", "x" * 41), ("admin", True),
    ],
)  # fmt: skip
def test_what_cannot_be_granted_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Grant.model_validate({"name": "me", field: value})
    assert {error["loc"][0] for error in refused.value.errors()} == {field}
