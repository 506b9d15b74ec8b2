"""The event stream of an exchange: all its facts in one order. Its ids are the resume tokens of the public stream."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from livermore.store.keys import Keys
from livermore.store.query import Query, Word, command

START = "0-0"
"""Before every id."""


class Event(NamedTuple):
    """``kind``: candle_close, candle_corrected, trade_signal, alert or gap; ``series``: ``SYMBOL:TIMEFRAME``.

    ``data`` is the public JSON, ``full`` what is never relayed to the public, or nothing.
    """

    id: str
    kind: str
    series: str
    data: bytes
    full: bytes


def after(keys: Keys, id_: str, count: int) -> Query[list[Event]]:
    """The oldest events after an id."""
    return command("XRANGE", keys.events, f"({id_}", "+", "COUNT", count, read=_events)


def newest_id(keys: Keys) -> Query[str]:
    """The id of the newest event, or `START`."""
    return command(
        "XREVRANGE", keys.events, "+", "-", "COUNT", 1, read=lambda rows: rows[0][0].decode() if rows else START
    )


def follow(places: Mapping[str, str], count: int, block_ms: int) -> Query[dict[str, list[Event]]]:
    """Wait for what comes after each place: stream key to id in, stream key to events out."""
    words: list[Word] = ["XREAD", "COUNT", count, "BLOCK", block_ms, "STREAMS", *places.keys(), *places.values()]
    return command(*words, read=lambda answer: {key.decode(): _events(rows) for key, rows in answer or ()})


def _events(rows: list[Any]) -> list[Event]:
    return [_event(id_, dict(zip(fields[::2], fields[1::2], strict=True))) for id_, fields in rows]


def _event(id_: bytes, fields: dict[bytes, bytes]) -> Event:
    kind, series = fields.get(b"kind", b""), fields.get(b"series", b"")
    return Event(id_.decode(), kind.decode(), series.decode(), fields.get(b"data", b""), fields.get(b"full", b""))
