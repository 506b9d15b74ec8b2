"""The ``retention`` block: days are days, and nothing can be kept for less than is promised."""

from typing import Any

import pytest
from pydantic import ValidationError

from livermore.actors.sweeper import SweeperOptions
from livermore.sweeping.retention import Retention

DAY = 86_400


def retention(**keys: Any) -> Retention:
    return Retention.model_validate(keys)


def test_days_are_days() -> None:
    made = retention(events="48h", alerts="730d", recordings={"folder": "/srv/recordings", "kept": "14d"})
    assert (made.events, made.alerts, made.recordings.kept) == (2 * DAY, 730 * DAY, 14 * DAY)


def test_what_nobody_says_anything_of_is_kept_for_so_long() -> None:
    made = SweeperOptions().retention
    assert (made.candles, made.events, made.activity) == (None, DAY, 90 * DAY)
    assert (made.crash_reports.folder, made.recordings.folder) == ("", "")


@pytest.mark.parametrize(
    "keys",
    [
        {"events": "23h"}, {"events": "31d"}, {"candles": 349}, {"candles": "1000d"}, {"activity": "91d"},
        {"alerts": "0s"}, {"alerts": 90}, {"dead_letters": "59m"}, {"crash_reports": "90d"}, {"candle": 1000},
        {"recordings": {"kept": "90"}}, {"recordings": {"path": "/srv"}},
    ],
)  # fmt: skip
def test_what_is_too_short_or_no_time_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        retention(**keys)
