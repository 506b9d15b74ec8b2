"""Frames of the stream: a message is encoded once, header and all, and the bytes are shared by everyone who gets it."""

import struct
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode


def frame(payload: bytes) -> bytes:
    """One unmasked, uncompressed text message (RFC 6455 5.2)."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload


def message(kind: str, **fields: Any) -> bytes:
    """The frame of a message with these fields; those that are None are left out."""
    given = {name: value for name, value in fields.items() if value is not None}
    return frame(_encode({"type": kind, **given}))


def event(kind: str, place: str, channel: str, data: bytes, full: bytes = b"") -> bytes:
    """The frame of an event whose public JSON is stored: joined, not encoded again. ``full``: never for the public."""
    inner = b',"full":' + full if full else b""
    head = _encode({"type": kind, "id": place, "channel": channel})[:-1]
    return frame(head + b',"data":' + data + inner + b"}")
