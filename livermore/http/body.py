"""Bodies of requests: one JSON object, small and strict, as names with their values."""

import json
from typing import Any

from livermore.http.refusal import Refusal

LONGEST = 4096
"""Bytes. Hardly anything that can be asked for in a body needs more."""


def members(body: bytes, longest: int = LONGEST) -> list[tuple[str, Any]]:
    """The members of the object, each as often as it stands there; none where there is no body.

    Objects within it are plain ones, in which each name stands once.

    Raises:
        Refusal: it is too long, or no object in JSON.
    """
    if len(body) > longest:
        raise Refusal(413, "The body is too large")
    if not body:
        return []
    try:
        found = json.loads(body.decode(), object_pairs_hook=_Members, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "The body is no JSON") from error
    if not isinstance(found, _Members):
        raise Refusal(400, "The body is no object in JSON")
    return [(name, _plain(value)) for name, value in found]


class _Members(list[tuple[str, Any]]):
    """Python's own dict would keep only the last of two that have one name."""


def _plain(value: Any) -> Any:
    if isinstance(value, _Members):
        made = {name: _plain(inner) for name, inner in value}
        if len(made) < len(value):
            raise Refusal(400, "The body has an object with one name twice")
        return made
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
