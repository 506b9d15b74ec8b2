"""Moments as Coinbase writes them."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000_000
_WIRE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


def envelope_time(ms: int) -> str:
    """``2026-08-09T21:05:48.250000000Z`` for a moment in ms: always nine decimals."""
    return f"{_seconds(ms // 1_000, 'T')}.{ms % 1_000:03d}000000Z"


def rfc3339(ns: int) -> str:
    """``2026-08-09T21:05:38.50436Z`` for a moment in nanoseconds: no trailing zeros."""
    return f"{_seconds(ns // _SECOND, 'T')}{_fraction(ns)}Z"


def go_time(ns: int) -> str:
    """``2026-08-09 21:05:48.85484 +0000 UTC m=+41691.260485341`` for a moment in nanoseconds, as Go prints it.

    What follows ``m=`` is how long the process has run, to nine decimals: this exchange has run since the epoch.
    """
    return f"{_seconds(ns // _SECOND, ' ')}{_fraction(ns)} +0000 UTC m=+{ns // _SECOND}.{ns % _SECOND:09d}"


def parse_wire(text: str) -> int:
    """Nanoseconds since the epoch for a time with up to nine decimals.

    Raises:
        ValueError: the text is no such time.
    """
    parts = _WIRE.fullmatch(text)
    if parts is None:
        raise ValueError(f"expected a time in UTC with up to nine decimals, found {text[:40]!r}")
    seconds = (datetime.fromisoformat(parts[1] + "+00:00") - _EPOCH) // timedelta(seconds=1)
    return seconds * _SECOND + int((parts[2] or "").ljust(9, "0"))


def _seconds(seconds: int, between: str) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat(between)


def _fraction(ns: int) -> str:
    digits = f"{ns % _SECOND:09d}".rstrip("0")
    return f".{digits}" if digits else ""
