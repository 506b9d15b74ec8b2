"""Moments as text: ISO-8601 in UTC with milliseconds, the only form that leaves the system."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
KEPT = 1_024
"""Seconds whose text is remembered: what is told at a boundary, or in one frame, is of very few."""


def iso(ms: int) -> str:
    """``2026-08-09T21:05:00.000Z`` for milliseconds since the epoch."""
    return f"{_text_of(ms // 1000)}.{ms % 1000:03d}Z"


def parse_iso(text: str) -> int:
    """Milliseconds since the epoch, cut off, for an ISO-8601 time in UTC with any number of decimals.

    Exchanges send nanoseconds, nine digits or fewer.

    Raises:
        ValueError: the text is no such time.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"expected an ISO-8601 time that ends in Z, found {text[:40]!r}")
    return _milliseconds(form[1]) + int(((form[2] or "") + "000")[:3])


@lru_cache(KEPT)
def _text_of(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(KEPT)
def _milliseconds(text: str) -> int:
    return (datetime.fromisoformat(text + "+00:00") - _EPOCH) // _MILLISECOND
