"""Times in CSV files: ISO-8601, or whole seconds or milliseconds since 1970, told apart by their digits."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_ISO = re.compile(
    r"(?:19[7-9]|2\d\d)\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_EPOCH = re.compile(r"(\d+)(?:\.0+)?", re.ASCII)
_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EXPECTED = (
    "expected an ISO-8601 time from 1970 on, or the seconds (9 or 10 digits) or milliseconds (12 or 13) since then"
)


class Form(StrEnum):
    """How a time is written."""

    OFFSET = "ISO-8601 with Z or an offset"
    PLAIN = "ISO-8601 without an offset, which is UTC"
    SECONDS = "seconds since 1970"
    MILLISECONDS = "milliseconds since 1970"


_UNITS = {9: (Form.SECONDS, 1000), 10: (Form.SECONDS, 1000), 12: (Form.MILLISECONDS, 1), 13: (Form.MILLISECONDS, 1)}
"""By digits, from 1973 to 2286: a number of seconds in those years is none of milliseconds, and the other way round."""


def moment(text: str) -> tuple[Form, int]:
    """How a time is written, and the milliseconds since the epoch, cut off, that it stands for.

    Raises:
        ValueError: it is none of these forms, so that nobody can tell which moment is meant.
    """
    if epoch := _EPOCH.fullmatch(text):
        unit = _UNITS.get(len(epoch[1]))
        if unit is None:
            raise ValueError(_EXPECTED)
        return unit[0], int(epoch[1]) * unit[1]
    written = _ISO.fullmatch(text)
    if written is None:
        raise ValueError(_EXPECTED)
    form = Form.OFFSET if written[1] else Form.PLAIN
    at = datetime.fromisoformat(text)
    return form, ((at if written[1] else at.replace(tzinfo=UTC)) - _1970) // _MILLISECOND
