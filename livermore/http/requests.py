"""What clients of the stream may say: closed messages, told apart by their ``action``."""

from typing import Annotated

import msgspec
from msgspec import Meta

MOST_CHANNELS = 20
"""Channels in one message."""

Channels = Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(min_length=1, max_length=MOST_CHANNELS)]
Label = Annotated[str, Meta(max_length=100)]
"""Chosen by the client, and said back in the answer."""


class Subscribe(msgspec.Struct, tag_field="action", tag="subscribe", forbid_unknown_fields=True):
    """``resume_from``: the id of the last event that was seen, one for each exchange."""

    channels: Channels
    exchange: str | None = None
    resume_from: list[Label] | None = None
    snapshot: bool = False
    id: Label | None = None


class Unsubscribe(msgspec.Struct, tag_field="action", tag="unsubscribe", forbid_unknown_fields=True):
    """Channels as they were subscribed to, in any spelling."""

    channels: Channels
    exchange: str | None = None
    id: Label | None = None


class Ping(msgspec.Struct, tag_field="action", tag="ping", forbid_unknown_fields=True):
    """Answered with ``pong``."""

    id: Label | None = None


class Auth(msgspec.Struct, tag_field="action", tag="auth", forbid_unknown_fields=True):
    """The first message where no key came with the request. The admin stream takes its token under either name."""

    key: str | None = None
    token: str | None = None
    id: Label | None = None


Request = Subscribe | Unsubscribe | Ping | Auth

decode = msgspec.json.Decoder(Request).decode
