"""Answers: a body with its status and headers, and the envelope around public data."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

import msgspec
from pydantic import BaseModel

from livermore.http.refusal import Refusal

JSON = "application/json; charset=utf-8"
ZIP_FROM = 1024
"""Bytes from which on a body is worth compressing."""


@dataclass(frozen=True)
class Answer:
    """``tagged``: whether it has a strong ETag, so that 304 can be answered."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    tagged: bool = False

    @cached_property
    def zipped(self) -> bytes:
        """The body for clients that take gzip; the same bytes for the same body."""
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    @cached_property
    def _digest(self) -> str:
        return blake2b(self.body, digest_size=16).hexdigest()

    def tag(self, *, zipped: bool) -> str:
        """The ETag: another one for each encoding, as a strong one has to be."""
        return f'"{self._digest}-gzip"' if zipped else f'"{self._digest}"'


def of_model(model: BaseModel, headers: Mapping[str, str] | None = None) -> Answer:
    """A model as JSON, without the fields that nobody set."""
    return Answer(model.model_dump_json(exclude_unset=True).encode(), headers=headers or {})


def of_data(data: Any) -> Answer:
    """Plain data as JSON, for routes that are not public."""
    return Answer(msgspec.json.encode(data))


def of_refusal(refusal: Refusal, request_id: str) -> Answer:
    """The error envelope."""
    error = {"code": refusal.code, "message": refusal.message}
    error |= {"param": refusal.param} if refusal.param else {}
    body = msgspec.json.encode({"success": False, "error": error | {"request_id": request_id}})
    return Answer(body, refusal.status, headers=refusal.headers)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether an ``Accept-Encoding`` header lets us compress."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return weights.get("gzip", weights.get("*", False))


def matches(if_none_match: str, tag: str) -> bool:
    """Whether the client holds this very body already."""
    held = {word.strip().removeprefix("W/") for word in if_none_match.split(",")}
    return tag in held or "*" in held
