"""Bodies of requests: one JSON object, small and strict, as names with their values."""

import json
from typing import Any

from livermore.http.refusal import Refusal

LONGEST = 4096
"""Bytes. Nothing that can be asked for in a body needs more."""


def members(body: bytes) -> list[tuple[str, Any]]:
    """The members of the object, each as often as it stands there; none where there is no body.

    Raises:
        Refusal: it is too long, or no object in JSON.
    """
    if len(body) > LONGEST:
        raise Refusal(413, "The body is too large")
    if not body:
        return []
    try:
        found = json.loads(body.decode(), object_pairs_hook=_Members, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "The body is no JSON") from error
    if not isinstance(found, _Members):
        raise Refusal(400, "The body is no object in JSON")
    return found


class _Members(list[tuple[str, Any]]):
    """Python's own dict would keep only the last of two that have one name."""


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
