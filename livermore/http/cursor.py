"""Cursors: where the next page begins, as text that is opaque to clients and good for one list only."""

import base64
import binascii
import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from livermore.http.refusal import bad_parameter

T = TypeVar("T")

_FORM = re.compile(r"[A-Za-z0-9_-]{12,200}", re.ASCII)
_CHECK = 8
"""Bytes of the check: against mix-ups and tinkering. A cursor grants nothing, so that it needs no secret."""


def seal(scope: Sequence[str], position: Any) -> str:
    """The text for a position in the list that ``scope`` names."""
    content = msgspec.msgpack.encode(position)
    return base64.urlsafe_b64encode(_check(scope, content) + content).rstrip(b"=").decode()


def unseal(scope: Sequence[str], text: str, kind: type[T]) -> T:
    """The position that `seal` was given.

    Raises:
        Refusal: the text was not made by `seal` for this list.
    """
    refusal = bad_parameter("cursor", "expected the next_cursor of an answer to this same request")
    if not _FORM.fullmatch(text):
        raise refusal
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        position = msgspec.msgpack.decode(sealed[_CHECK:], type=kind)
    except (binascii.Error, msgspec.MsgspecError) as error:
        raise refusal from error
    if seal(scope, position) != text:
        raise refusal
    return position


def _check(scope: Sequence[str], content: bytes) -> bytes:
    return blake2b("\n".join(scope).encode() + b"\0" + content, digest_size=_CHECK).digest()
