"""A Discord that only remembers: what was posted to each webhook, the newest thousand messages in all."""

import re
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

KEPT = 1_000
LARGEST = 64 * 1_024
"""Bytes of one message; Discord's own limits are far below."""
LARGEST_FILES = 8 * 1_024 * 1_024
"""Bytes of all its files."""
LARGEST_REQUEST = LARGEST + LARGEST_FILES
_ATTACHMENT = re.compile(rb'"attachment://([^"]*)"')


class Message(NamedTuple):
    """``body`` is the JSON as it came."""

    webhook: str
    body: msgspec.Raw


class WebhookSink:
    """``webhook`` is the part of the path that names it, ``{id}/{token}``."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=KEPT)

    def post(self, webhook: str, body: bytes, files: Mapping[str, bytes] | None = None) -> bool:
        """Remember a message, but not its files; False if it is too large or not JSON, or speaks of files it lacks."""
        held = files or {}
        if len(body) > LARGEST or sum(map(len, held.values())) > LARGEST_FILES or not _is_json(body):
            return False
        if not {name.decode() for name in _ATTACHMENT.findall(body)} <= held.keys():
            return False
        self._messages.append(Message(webhook, msgspec.Raw(body)))
        return True

    def posted(self, webhook: str) -> bytes:
        """A JSON list of the messages to one webhook, oldest first."""
        return msgspec.json.encode([message.body for message in self._messages if message.webhook == webhook])


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError):
        return False
    return True
