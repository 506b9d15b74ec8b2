"""Commands to an exchange's pipeline, and what is said of them: two streams, and a place for what came of each.

Whoever holds the lease carries a command out, or, where nobody does, the first who takes it.
"""

from typing import Annotated, Any, Literal

import msgspec

from livermore.store.keys import Keys
from livermore.store.query import Query, Word, call, command, nothing, text

KEPT = 1000
"""Commands and responses that are kept, each."""
REMEMBERED = 86_400_000
"""Ms for which the same command is answered from memory."""
UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
ELSEWHERE, TAKEN = "elsewhere", "taken"

Id = Annotated[str, msgspec.Meta(pattern=UUID)]


class Command(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """``timestamp``: when it was given, wall ms; the lower ``priority`` the sooner; ``by``: who gave it."""

    correlation_id: Id
    type: Annotated[str, msgspec.Meta(max_length=40)]
    timestamp: int
    payload: dict[str, Any] = {}
    priority: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    by: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Response(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """``ack``: it is being carried out; after it comes a ``success`` with data, or an ``error`` with a message."""

    correlation_id: str
    status: Literal["ack", "success", "error"]
    timestamp: int
    message: str = ""
    data: dict[str, Any] | None = None

    @property
    def is_last(self) -> bool:
        return self.status != "ack"


def send(keys: Keys, given: Command) -> Query[str]:
    """Give a command; its id in the stream."""
    words: list[Word] = ["XADD", keys.commands, "MAXLEN", "~", KEPT, "*", "data", msgspec.json.encode(given)]
    return command(*words, read=lambda answer: text(answer) or "")


def follow(keys: Keys, after: str, block_ms: int) -> Query[list[tuple[str, bytes]]]:
    """Wait for commands after an id: each with its own id, as it was sent."""
    return _after(keys.commands, after, block_ms)


def responses(keys: Keys, after: str, block_ms: int) -> Query[list[tuple[str, bytes]]]:
    """As `follow`, responses."""
    return _after(keys.responses, after, block_ms)


def newest_response(keys: Keys) -> Query[str]:
    """The id of the newest response, or one before every id."""
    words: list[Word] = ["XREVRANGE", keys.responses, "+", "-", "COUNT", 1]
    return command(*words, read=lambda rows: rows[0][0].decode() if rows else "0-0")


def take(keys: Keys, correlation_id: str, process: str, token: str) -> Query[str | Response]:
    """Take a command, for the process of this name, which holds the lease by that token (or '').

    Gives `TAKEN`; `ELSEWHERE` where another process holds the lease or has taken it; or what came of it before.
    """
    places = [keys.lease, keys.command(correlation_id)]
    return call("command_take", places, [token, process, REMEMBERED], _taken)


def respond(keys: Keys, response: Response) -> list[Query[None]]:
    """Say what has become of a command; the last word on it is kept."""
    data = msgspec.json.encode(response)
    stream: list[Word] = ["XADD", keys.responses, "MAXLEN", "~", KEPT, "*", "data", data]
    said = command(*stream, read=nothing)
    if not response.is_last:
        return [said]
    place = keys.command(response.correlation_id)
    return [command("SET", place, data, "PX", REMEMBERED, read=nothing), said]


def outcome(keys: Keys, correlation_id: str) -> Query[dict[str, Any] | None]:
    """What has become of a command, in plain data; None where nobody has taken it yet, or it is long ago."""

    def read(answer: bytes | None) -> dict[str, Any] | None:
        if answer is None:
            return None
        if not answer.startswith(b"{"):
            return {"correlation_id": correlation_id, "status": TAKEN}
        last = msgspec.json.decode(answer, type=Response)
        return {name: getattr(last, name) for name in last.__struct_fields__ if getattr(last, name)}

    return command("GET", keys.command(correlation_id), read=read)


def _after(stream: str, after: str, block_ms: int) -> Query[list[tuple[str, bytes]]]:
    words: list[Word] = ["XREAD", "COUNT", 100, "BLOCK", block_ms, "STREAMS", stream, after]
    return command(*words, read=_entries)


def _entries(answer: list[Any] | None) -> list[tuple[str, bytes]]:
    rows = answer[0][1] if answer else []
    return [(id_.decode(), dict(zip(fields[::2], fields[1::2], strict=True)).get(b"data", b"")) for id_, fields in rows]


def _taken(answer: bytes) -> str | Response:
    if answer.startswith(b"{"):
        return msgspec.json.decode(answer, type=Response)
    return TAKEN if answer == b"taken" else ELSEWHERE
