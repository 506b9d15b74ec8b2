"""A Discord that only remembers: what was posted to each webhook, the newest thousand messages in all."""

from collections import deque
from typing import NamedTuple

import msgspec

KEPT = 1_000
LARGEST = 64 * 1_024
"""Bytes of one message; Discord's own limits are far below."""


class Message(NamedTuple):
    """``body`` is the JSON as it came."""

    webhook: str
    body: msgspec.Raw


class WebhookSink:
    """``webhook`` is the part of the path that names it, ``{id}/{token}``."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=KEPT)

    def post(self, webhook: str, body: bytes) -> bool:
        """Remember a message; False if it is too large or not JSON."""
        if len(body) > LARGEST or not _is_json(body):
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
