"""Alerts in Redis: the evaluator's memory and place, and the outbox that recorder and notifier follow."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from livermore.market.alert import Alert, public
from livermore.store.candles import EVENTS_KEPT
from livermore.store.events import START
from livermore.store.fence import Right, fenced
from livermore.store.keys import Keys
from livermore.store.query import Query, Word, call, command, integer, nothing

PLACE = "place"


class State(NamedTuple):
    """``place``: id of the last event that was judged, '' before the first; ``memories``: JSON by series."""

    place: str
    memories: dict[str, bytes]


class Delivery(NamedTuple):
    """One entry of the outbox: its stream id, what it is (`alert`, `delivered`, `state` or `test`), and its JSON."""

    id: str
    kind: str
    data: bytes


def state(keys: Keys) -> Query[State]:
    """All that the evaluator remembers."""
    return command("HGETALL", keys.alert_state, read=_state)


def move(right: Right, before: str, after: str, memories: Mapping[str, bytes], alerts: Sequence[Alert]) -> Query[bool]:
    """Move the place, with the memories and alerts of the way; False where it no longer stands at ``before``."""
    arguments: list[Word] = [EVENTS_KEPT, before, after, len(memories)]
    arguments += [word for pair in memories.items() for word in pair]
    arguments.append(len(alerts))
    for alert in alerts:
        series = f"{alert.symbol}:{alert.timeframe}"
        arguments += [series, msgspec.json.encode(alert), msgspec.json.encode(public(alert))]
    keys = right.keys
    return fenced(right, "alerts", [keys.events, keys.outbox, keys.alert_state], arguments, bool)


def join(keys: Keys, group: str) -> Query[int]:
    """Make a consumer group that begins with the oldest entry, unless it is there."""
    return call("join", [keys.outbox], [group], integer)


def claim_pending(keys: Keys, group: str, consumer: str, count: int) -> Query[list[Delivery]]:
    """Entries that were handed to this group before and never acknowledged."""
    words: list[Word] = ["XAUTOCLAIM", keys.outbox, group, consumer, 0, START, "COUNT", count]
    return command(*words, read=lambda answer: _deliveries(answer[1]))


def next_deliveries(keys: Keys, group: str, consumer: str, count: int, block_ms: int) -> Query[list[Delivery]]:
    """Wait for entries that no consumer of the group has seen."""
    words: list[Word] = ["XREADGROUP", "GROUP", group, consumer, "COUNT", count, "BLOCK", block_ms]
    return command(*words, "STREAMS", keys.outbox, ">", read=lambda a: _deliveries(a[0][1]) if a else [])


def acknowledge(keys: Keys, group: str, ids: Sequence[str]) -> Query[None]:
    """These entries are done with, for this group."""
    return command("XACK", keys.outbox, group, *ids, read=nothing)


def trim(keys: Keys) -> Query[int]:
    """Forget what every group has acknowledged."""
    return call("trim", [keys.outbox], [], integer)


def _state(answer: list[bytes]) -> State:
    held = {name.decode(): value for name, value in zip(answer[::2], answer[1::2], strict=True)}
    return State(held.pop(PLACE, b"").decode(), held)


def _deliveries(rows: list[Any]) -> list[Delivery]:
    return [_delivery(id_, dict(zip(fields[::2], fields[1::2], strict=True))) for id_, fields in rows if fields]


def _delivery(id_: bytes, fields: dict[bytes, bytes]) -> Delivery:
    return Delivery(id_.decode(), fields.get(b"kind", b"").decode(), fields.get(b"data", b""))
