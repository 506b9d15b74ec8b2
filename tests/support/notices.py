"""Reading what was posted to a Discord."""

from collections.abc import Mapping
from typing import Any

Posted = Mapping[str, Any]


def tells_of_an_alert(notice: Posted) -> bool:
    """Else it tells how the state of a pipeline has changed."""
    return "\N{MIDDLE DOT}" in _footer(notice)


def alert_of(notice: Posted) -> str:
    """The id of the alert that a notice tells of."""
    assert tells_of_an_alert(notice), notice
    return _footer(notice).rpartition(" ")[2]


def title_of(notice: Posted) -> str:
    """Its first line."""
    return str(notice["embeds"][0]["title"])


def _footer(notice: Posted) -> str:
    return str(notice["embeds"][0]["footer"]["text"])
