"""Answers as the OpenAPI document tells them: their forms, their headers, and what they lead to."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from openapi_pydantic import Header, Link, MediaType, Reference, Response
from openapi_pydantic.util import PydanticSchema

from livermore.http import examples
from livermore.http.route import Document
from livermore.http.schemas import ErrorAnswer

ALWAYS = ("X-Request-ID",)
LIMITED = ("RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
"""On every success; on a failure only where the request was counted before it failed."""
OF_STATUS: dict[int, Sequence[str]] = {
    401: ("WWW-Authenticate",), 426: ("Upgrade",), 429: ("Retry-After",), 503: ("Retry-After",),
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


def headers() -> dict[str, Header]:
    """All headers, to be referred to by name; one that may be missing has a second entry."""
    made = {name: _header(name, required=name not in MAY_BE_MISSING) for name in _KNOWN}
    return made | {_optional(name): _header(name, required=False) for name in LIMITED}


def success(about: Document, links: Mapping[str, Link]) -> dict[str, Response]:
    """The one answer that is a success, by its status."""
    if about.model is None:
        return {"101": Response(description=HTTPStatus.SWITCHING_PROTOCOLS.phrase)}
    content = MediaType(media_type_schema=PydanticSchema(schema_class=about.model), example=about.example)
    told = {"application/json": content}
    found = Response(description="Success", content=told, headers=_of_success(about), links=dict(links) or None)
    return {"200": found}


def failure(about: Document, status: int) -> Response:
    """Any other answer."""
    phrase = HTTPStatus(status).phrase
    if status == HTTPStatus.NOT_MODIFIED:
        return Response(description=phrase, headers=_of_success(about))
    content = MediaType(media_type_schema=PydanticSchema(schema_class=ErrorAnswer), example=examples.error(status))
    sure = references((*ALWAYS, *OF_STATUS.get(status, ())))
    return Response(
        description=phrase,
        content={"application/json": content},
        headers=sure | {name: _reference(_optional(name)) for name in LIMITED},
    )


def _of_success(about: Document) -> dict[str, Header | Reference]:
    return references((*ALWAYS, *LIMITED, *about.headers))


def references(names: Iterable[str]) -> dict[str, Header | Reference]:
    """References to headers that are always there, by their names."""
    return {name: _reference(name) for name in names}


def _optional(name: str) -> str:
    return f"{name}-if-counted"


def _reference(name: str) -> Reference:
    return Reference.model_validate({"$ref": f"#/components/headers/{name}"})


def _header(name: str, *, required: bool) -> Header:
    text, schema, example = _KNOWN[name]
    return Header.model_validate({"description": text, "required": required, "schema": schema, "example": example})
