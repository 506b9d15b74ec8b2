"""Deliveries that were taken already: each message of a webhook counts once, whoever sends it again."""

from livermore.store.query import Query, command, nothing

KEPT = 900
"""Seconds. A message is taken for five minutes before and after its time, so that none is forgotten too soon."""


def claim(kind: str, message_id: str) -> Query[bool]:
    """Whether this message is new; it is not from now on."""
    return command("SET", _key(kind, message_id), 1, "NX", "EX", KEPT, read=lambda answer: answer is not None)


def release(kind: str, message_id: str) -> Query[None]:
    """It could not be heeded: it may come again."""
    return command("DEL", _key(kind, message_id), read=nothing)


def _key(kind: str, message_id: str) -> str:
    return f"webhooks:{kind}:{message_id}"
