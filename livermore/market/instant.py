"""Moments as text: ISO-8601 in UTC with milliseconds, the only form that leaves the system."""

from datetime import UTC, datetime, timedelta

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
    if not text.endswith("Z"):
        raise ValueError(f"expected an ISO-8601 time that ends in Z, found {text[:40]!r}")
    seconds, _, fraction = text[:-1].partition(".")
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise ValueError(f"expected decimals after the seconds, found {text[:40]!r}")
    whole = datetime.fromisoformat(seconds + "+00:00") - _EPOCH
    return whole // _MILLISECOND + int((fraction + "000")[:3])
