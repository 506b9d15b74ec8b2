"""What clients of the stream may say: closed messages, told apart by their ``action``.

The descriptions are shown in the stream's document.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

MOST_CHANNELS = 20
"""Channels in one message."""

Channels = Annotated[
    list[Annotated[str, Meta(max_length=100, examples=["candles:BTC-USD:1h"])]],
    Meta(min_length=1, max_length=MOST_CHANNELS, description="Symbol and timeframe may be `*`"),
]
Exchange = Annotated[str | None, Meta(description="Name of the exchange; may be left out where there is only one")]
Text = Annotated[str, Meta(max_length=100)]
Label = Annotated[Text | None, Meta(description="Chosen by the client, and said back in the answer")]
Places = Annotated[
    list[Text] | None,
    Meta(description="The id of the last event that was seen, one for each exchange: what came after it is sent again"),
]
Snapshot = Annotated[bool, Meta(description="Whether to be shown first what stands now")]


class Subscribe(msgspec.Struct, tag_field="action", tag="subscribe", forbid_unknown_fields=True):
    """Hear channels from now on, beside those that are heard already."""

    channels: Channels
    exchange: Exchange = None
    resume_from: Places = None
    snapshot: Snapshot = False
    id: Label = None


class Unsubscribe(msgspec.Struct, tag_field="action", tag="unsubscribe", forbid_unknown_fields=True):
    """Hear channels no longer. They are named as they were subscribed to, in any spelling."""

    channels: Channels
    exchange: Exchange = None
    id: Label = None


class Ping(msgspec.Struct, tag_field="action", tag="ping", forbid_unknown_fields=True):
    """Answered with `pong`."""

    id: Label = None


class Auth(msgspec.Struct, tag_field="action", tag="auth", forbid_unknown_fields=True):
    """The first message, where no key came with the request."""

    key: Annotated[str, Meta(description="The API key")]
    id: Label = None


Request = Subscribe | Unsubscribe | Ping | Auth

decode = msgspec.json.Decoder(Request).decode
