"""A REST request and its answer as plain values, and the answer's other form: a refusal."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Request(NamedTuple):
    """``now`` is market time in ms; ``wall`` wall time in seconds on any clock that never steps; ``epoch`` wall time in
    ms since 1970, by which it is known when something was signed. Names of headers are in lower case.
    """

    method: str
    path: str
    query: Mapping[str, str]
    client: str
    now: int
    wall: float
    epoch: int = 0
    headers: Mapping[str, str] = MappingProxyType({})


class Answer(NamedTuple):
    """What to send back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Refusal(Exception):
    """A request that cannot be answered, with its HTTP status and its gRPC code and name."""

    def __init__(self, message: str, *, status: int, code: int, name: str) -> None:
        super().__init__(message)
        self.status, self.code, self.name = status, code, name


def invalid(message: str) -> Refusal:
    """For arguments that make no sense."""
    return Refusal(message, status=400, code=3, name="INVALID_ARGUMENT")


def not_found(message: str) -> Refusal:
    """For what does not exist."""
    return Refusal(message, status=404, code=5, name="NOT_FOUND")


def json_answer(status: int, body: Any) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, _JSON, msgspec.json.encode(body))


def refused(refusal: Refusal) -> Answer:
    """The error body of Coinbase's gRPC gateway (`exchanges.md` 2)."""
    body = {"error": refusal.name, "code": refusal.code, "message": str(refusal), "details": []}
    return json_answer(refusal.status, body)
