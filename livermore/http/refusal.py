"""Refusals: every way in which a request is turned down, with its status, code and words."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from livermore.errors import LivermoreError, Transient

if TYPE_CHECKING:
    from livermore.http.visitor import Administrator

CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "CONTENT_TOO_LARGE",
    414: "URI_TOO_LONG",
    426: "UPGRADE_REQUIRED",
    429: "RATE_LIMITED",
    431: "HEADERS_TOO_LARGE",
    500: "INTERNAL_ERROR",
    503: "UNAVAILABLE",
}


class Refusal(LivermoreError):
    """An answer that is not a success. ``message`` is for strangers: it says nothing of the inside."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.headers = status, message, param, headers or {}

    @property
    def code(self) -> str:
        """The word that programs go by."""
        return CODES.get(self.status, "BAD_REQUEST" if self.status < 500 else "INTERNAL_ERROR")


class NotEntitled(Refusal):
    """It is known who asks, and that they are no administrator. ``who``: as far as it is known."""

    def __init__(self, message: str, who: "Administrator") -> None:
        super().__init__(403, message)
        self.who = who


def bad_parameter(param: str, reason: str) -> Refusal:
    """A parameter that cannot be used."""
    return Refusal(400, f"{param}: {reason}", param=param)


def unauthorized() -> Refusal:
    """The same words whatever is wrong with the key."""
    header = {"WWW-Authenticate": 'Bearer realm="livermore"'}
    return Refusal(401, "A valid API key is required: X-API-Key, or Authorization: Bearer", headers=header)


def not_found(what: str, param: str | None = None) -> Refusal:
    """There is no such thing."""
    return Refusal(404, f"{what} not found", param=param)


def too_many(retry_after: int, more: Mapping[str, str] | None = None) -> Refusal:
    """More requests than are allowed; ``retry_after``: seconds. ``more``: headers that say by which limit."""
    return Refusal(429, "Too many requests", headers={"Retry-After": str(retry_after), **(more or {})})


def unavailable(reason: Transient) -> Refusal:
    """A store cannot answer now."""
    wait = {"Retry-After": str(max(1, math.ceil(reason.retry_after)))}
    return Refusal(503, "The service cannot answer now, try again", headers=wait)


def plain(status: int) -> Refusal:
    """What Tornado itself would say, in our words."""
    words = {413: "The body is too large", 431: "The request line and headers are too large", 500: "Internal error"}
    return Refusal(status, words.get(status) or HTTPStatus(status).phrase)
