"""Reading what was posted to a Discord."""

from collections.abc import Mapping
from typing import Any


def alert_of(notice: Mapping[str, Any]) -> str:
    """The id of the alert that a notice tells of."""
    return str(notice["embeds"][0]["footer"]["text"]).rpartition(" ")[2]


def title_of(notice: Mapping[str, Any]) -> str:
    """Its first line."""
    return str(notice["embeds"][0]["title"])
