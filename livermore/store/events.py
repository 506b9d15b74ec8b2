"""The event stream of an exchange: all its facts in one order. Its ids are the resume tokens of the public stream."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from livermore.store.keys import Keys
from livermore.store.query import Query, Word, command

START = "0-0"
"""Before every id."""
_ID = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
_MOST = 2**64 - 1


class Event(NamedTuple):
    """``kind``: candle_close, candle_corrected, trade_signal, alert or gap; ``series``: ``SYMBOL:TIMEFRAME``.

    ``data`` is the public JSON, ``full`` what is never relayed to the public, or nothing.
    """

    id: str
    kind: str
    series: str
    data: bytes
    full: bytes


def order(id_: str) -> tuple[int, int]:
    """What ids are compared by.

    Raises:
        ValueError: this is no id of an event.
    """
    parts = _ID.fullmatch(id_)
    place = (int(parts[1]), int(parts[2])) if parts else (-1, -1)
    if not 0 <= min(place) <= max(place) <= _MOST:
        raise ValueError("expected the id of an event, as 1700000000000-0")
    return place


def after(keys: Keys, id_: str, count: int, last: str = "+") -> Query[list[Event]]:
    """The oldest events after an id, up to that of the ``last`` one, or of all."""
    return command("XRANGE", keys.events, f"({id_}", last, "COUNT", count, read=_events)


def newest_id(keys: Keys) -> Query[str]:
    """The id of the newest event, or `START`."""
    return command("XREVRANGE", keys.events, "+", "-", "COUNT", 1, read=_first_id)


def oldest_id(keys: Keys) -> Query[str]:
    """The id of the oldest event that is still held, or `START`."""
    return command("XRANGE", keys.events, "-", "+", "COUNT", 1, read=_first_id)


def untrimmed(keys: Keys) -> Query[bool]:
    """Whether every event that there ever was is still held; there has to be one."""
    return command("XINFO", "STREAM", keys.events, read=_untrimmed)


def _untrimmed(answer: list[Any]) -> bool:
    facts = dict(zip(answer[::2], answer[1::2], strict=True))
    return bool(facts[b"length"] == facts.get(b"entries-added"))  # a Redis before 7 counts no entries


def _first_id(rows: list[Any]) -> str:
    return rows[0][0].decode() if rows else START


def follow(places: Mapping[str, str], count: int, block_ms: int) -> Query[dict[str, list[Event]]]:
    """Wait for what comes after each place: stream key to id in, stream key to events out."""
    words: list[Word] = ["XREAD", "COUNT", count, "BLOCK", block_ms, "STREAMS", *places.keys(), *places.values()]
    return command(*words, read=lambda answer: {key.decode(): _events(rows) for key, rows in answer or ()})


def _events(rows: list[Any]) -> list[Event]:
    return [_event(id_, dict(zip(fields[::2], fields[1::2], strict=True))) for id_, fields in rows]


def _event(id_: bytes, fields: dict[bytes, bytes]) -> Event:
    kind, series = fields.get(b"kind", b""), fields.get(b"series", b"")
    return Event(id_.decode(), kind.decode(), series.decode(), fields.get(b"data", b""), fields.get(b"full", b""))
