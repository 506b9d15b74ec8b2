"""The activity log of an exchange: a stream of what became of its pipeline, kept for 90 days."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from livermore.lifecycle import Change
from livermore.market.instant import iso
from livermore.store.commands import Command, Response
from livermore.store.keys import activity
from livermore.store.query import Query, Word, nothing
from livermore.store.query import command as made

KEPT = 90 * 86_400_000


class Entry(NamedTuple):
    """One entry: its id in the stream, as ``1700000000000-0``, and what it tells, as it was written."""

    id: str
    fields: dict[str, str]

    @property
    def place(self) -> tuple[int, int]:
        """What ids are compared by: as texts they would be in another order."""
        ms, _, number = self.id.partition("-")
        return int(ms), int(number)


def fields(change: Change) -> dict[str, str]:
    """The entry that tells of a change, or of a failure (`reference.md` 9.4)."""
    if change.error:
        about = {"event": "error", "error": change.error, "state": change.after}
    else:
        about = {"event": "state_transition", "fromState": change.before, "toState": change.after}
    where = {"exchangeName": change.exchange, "hostname": change.host, "pid": str(change.pid)}
    return {**about, "timestamp": iso(change.at), **where}


def command(exchange: str, given: Command, last: Response) -> dict[str, str]:
    """The entry that tells of a command that was carried out, or not."""
    about = {"event": "command", "type": given.type, "by": given.by, "status": last.status, "message": last.message}
    where = {"correlationId": given.correlation_id, "exchangeName": exchange, "timestamp": iso(last.timestamp)}
    return {name: value for name, value in (about | where).items() if value}


def write(exchange: str, fields: Mapping[str, str], wall_ms: int) -> Query[None]:
    """Append an entry; ``wall_ms``: now, from which entries that are too old are counted."""
    words: list[Word] = ["XADD", activity(exchange), "MINID", "~", wall_ms - KEPT, "*"]
    return made(*words, *(word for pair in fields.items() for word in pair), read=nothing)


def newest(exchange: str, count: int, last: str = "+") -> Query[list[Entry]]:
    """So many entries, newest first, from the ``last`` one on: an id, or ``(`` and an id for those before it."""
    return made("XREVRANGE", activity(exchange), last, "-", "COUNT", count, read=_entries)


def _entries(rows: list[Any]) -> list[Entry]:
    return [Entry(_text(id_), _fields(list(map(_text, words)))) for id_, words in rows]


def _fields(words: list[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=True))


def _text(word: bytes) -> str:
    return word.decode(errors="replace")
