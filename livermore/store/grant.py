"""A grant: whose an API key is to be and what it may do, as people ask for it, checked wherever they ask."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from livermore.errors import LivermoreError
from livermore.market.instant import parse_iso
from livermore.settings import Options, parse_duration
from livermore.store import api_keys

Scope = Literal["read", "stream"]
LONGEST = 100 * 365 * 86_400_000
"""Milliseconds; the end of a later key could not be written down."""
_DATE = re.compile(r"\d{4}-", re.ASCII)


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise PydanticCustomError("name", "expected a name in printable characters, with no space around it")
    return text


def _each_once(scopes: list[str]) -> list[str]:
    if len(set(scopes)) < len(scopes):
        raise PydanticCustomError("scopes", "expected each scope once")
    return scopes


class Grant(Options):
    """``expires``: after a duration (``90d``) or at a time in UTC; without it, never."""

    name: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
    scopes: Annotated[list[Scope], Field(min_length=1), AfterValidator(_each_once)] = ["read", "stream"]
    requests_per_minute: int = Field(api_keys.REQUESTS, ge=1, le=100_000, strict=True)
    connections: int = Field(api_keys.CONNECTIONS, ge=1, le=1_000, strict=True)
    expires: str | None = Field(None, max_length=40)

    def terms(self, now: int) -> dict[str, Any]:
        """What `api_keys.create` takes; ``now`` in ms.

        Raises:
            LivermoreError: it would expire at no time that is to come.
        """
        limits = {"requests_per_minute": self.requests_per_minute, "connections": self.connections}
        return {"scopes": self.scopes, **limits, "expires_at": self._end(now)}

    def _end(self, now: int) -> int | None:
        if self.expires is None:
            return None
        written = self.expires
        try:
            at = parse_iso(written) if _DATE.match(written) else now + int(1000 * parse_duration(written))
        except (ValueError, PydanticCustomError) as error:
            raise LivermoreError("expires: expected a duration, as 90d, or a time, as 2027-01-31T00:00:00Z") from error
        if not now < at <= now + LONGEST:
            raise LivermoreError("expires: expected a time to come, within a hundred years")
        return at
