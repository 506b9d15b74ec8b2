"""Moments as text: ISO-8601 in UTC with milliseconds, the only form that leaves the system."""

import re
from datetime import UTC, datetime, timedelta

_FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def iso(ms: int) -> str:
    """``2026-08-09T21:05:00.000Z`` for milliseconds since the epoch."""
    return (_EPOCH + ms * _MILLISECOND).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def parse_iso(text: str) -> int:
    """Milliseconds since the epoch, cut off, for an ISO-8601 time in UTC with any number of decimals.

    Exchanges send nanoseconds, nine digits or fewer.

    Raises:
        ValueError: the text is no such time.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"expected an ISO-8601 time that ends in Z, found {text[:40]!r}")
    whole = datetime.fromisoformat(form[1] + "+00:00") - _EPOCH
    return whole // _MILLISECOND + int(((form[2] or "") + "000")[:3])
