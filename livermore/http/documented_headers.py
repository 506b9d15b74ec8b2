"""Headers of answers as the OpenAPI document tells them."""

from collections.abc import Iterable, Sequence
from typing import Any

from openapi_pydantic import Header, Reference

ALWAYS = ("X-Request-ID",)
LIMITED = ("RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
"""On every success; on a failure only where the request was counted before it failed."""
OF_STATUS: dict[int, Sequence[str]] = {
    304: ("ETag",), 401: ("WWW-Authenticate",), 426: ("Upgrade",), 429: ("Retry-After",), 503: ("Retry-After",),
}  # fmt: skip
MAY_BE_MISSING = {"Livermore-Data-Age"}

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}
_KNOWN: dict[str, tuple[str, dict[str, Any], Any]] = {
    "X-Request-ID": ("The one that was sent, if it was safe, or one that was made up", _TEXT, "9f1c2d3e4b5a6978"),
    "RateLimit-Policy": ("The limit: requests, and seconds of its window", _TEXT, '"default";q=300;w=60'),
    "RateLimit": ("What is left of it, and seconds until it is whole again", _TEXT, '"default";r=299;t=1'),
    "X-RateLimit-Limit": ("Requests in a minute", _NUMBER, 300),
    "X-RateLimit-Remaining": ("Requests that are left", _NUMBER, 299),
    "X-RateLimit-Reset": ("Seconds until the limit is whole again", _NUMBER, 1),
    "Retry-After": ("Seconds after which to try again", _NUMBER | {"minimum": 1}, 1),
    "WWW-Authenticate": ("How to authenticate", _TEXT, 'Bearer realm="livermore"'),
    "Upgrade": ("The protocol that is spoken here", _TEXT, "websocket"),
    "ETag": ("To be sent as `If-None-Match`, so that the same answer comes as 304", _TEXT, '"5f0c3c2b9e1d4a7f"'),
    "Livermore-Data-Age": ("Seconds since the newest candle was closed; missing where there is none", _NUMBER, 12),
}


def components() -> dict[str, Header]:
    """All headers, to be referred to by name; one that may be missing has a second entry."""
    made = {name: _header(name, required=name not in MAY_BE_MISSING) for name in _KNOWN}
    return made | {_optional(name): _header(name, required=False) for name in LIMITED}


def of_success(more: Iterable[str]) -> dict[str, Reference]:
    """Those of a success."""
    return {name: _reference(name) for name in (*ALWAYS, *LIMITED, *more)}


def of_failure(status: int) -> dict[str, Reference]:
    """Those of a failure."""
    sure = {name: _reference(name) for name in (*ALWAYS, *OF_STATUS.get(status, ()))}
    return sure | {name: _reference(_optional(name)) for name in LIMITED}


def _optional(name: str) -> str:
    return f"{name}-if-counted"


def _reference(name: str) -> Reference:
    return Reference.model_validate({"$ref": f"#/components/headers/{name}"})


def _header(name: str, *, required: bool) -> Header:
    text, schema, example = _KNOWN[name]
    return Header.model_validate({"description": text, "required": required, "schema": schema, "example": example})
