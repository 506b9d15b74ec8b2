"""A body of several parts, as browsers send files."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """One part; ``file``: the file's name, where it is one."""

    name: str
    content_type: str
    body: bytes
    file: str | None = None


def multipart(parts: Sequence[Part]) -> tuple[str, bytes]:
    """The content type and the body; equal parts give equal bodies."""
    boundary = "livermore-" + hashlib.sha256(b"".join(part.body for part in parts)).hexdigest()
    pieces = []
    for part in parts:
        file = f'; filename="{part.file}"' if part.file else ""
        head = f'Content-Disposition: form-data; name="{part.name}"{file}\r\nContent-Type: {part.content_type}'
        pieces.append(f"--{boundary}\r\n{head}\r\n\r\n".encode() + part.body + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(pieces) + f"--{boundary}--\r\n".encode()
