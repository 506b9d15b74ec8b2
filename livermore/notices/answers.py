"""What the HTTP answer to a notice means."""

from email.utils import parsedate_to_datetime

import msgspec

from livermore.net.interface import Response
from livermore.notices.target import Outcome

SHORTEST, LONGEST = 1.0, 86_400.0
"""Bounds of what a target may ask for, seconds."""
PASSING = frozenset({408, 425, 429})
"""Refusals of now, not of the notice. So is every status from 500 on."""


def outcome_of(answer: Response, now: int) -> Outcome:
    """What became of a notice that was answered so. ``now``: wall time, ms."""
    said = f"the answer is {answer.status}"
    if answer.status < 300:
        return Outcome("sent", wait=_until_reset(answer))
    if answer.status in PASSING or answer.status >= 500:
        return Outcome("postponed", said, _retry_after(answer, now))
    return Outcome("refused", said + (", and redirects are not followed" if answer.status < 400 else ""))


def _retry_after(answer: Response, now: int) -> float | None:
    """Seconds by the header, which may be a date, or by the more exact number in Discord's JSON."""
    asked = [_seconds(answer.headers.get("retry-after", ""), now), _in_body(answer)]
    return max((_bounded(seconds) for seconds in asked if seconds is not None), default=None)


def _until_reset(answer: Response) -> float | None:
    """Seconds until there is something left of an allowance that has just been used up, as Discord tells."""
    if answer.headers.get("x-ratelimit-remaining") != "0":
        return None
    told = _number(answer.headers.get("x-ratelimit-reset-after", ""))
    return None if told is None else min(told, LONGEST)


def _seconds(text: str, now: int) -> float | None:
    number = _number(text)
    if number is not None:
        return number
    try:
        return parsedate_to_datetime(text).timestamp() - now / 1000
    except ValueError:
        return None  # nothing that could be understood: as if it were not there


def _number(text: str) -> float | None:
    parts = text.split(".")
    whole = len(parts) <= 2 and all(part.isascii() and part.isdigit() and len(part) < 12 for part in parts)
    return float(text) if whole else None


class _Body(msgspec.Struct):
    retry_after: float | None = None


def _in_body(answer: Response) -> float | None:
    try:
        return msgspec.json.decode(answer.body, type=_Body).retry_after
    except (msgspec.MsgspecError, UnicodeError):
        return None  # it need not be JSON at all


def _bounded(seconds: float) -> float:
    return min(max(seconds, SHORTEST), LONGEST)
