"""Signals in Redis: the full indicator record of each series, and the trail of values behind it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from livermore.market.candle import Series
from livermore.market.instant import iso
from livermore.market.signal import SIGNAL_TYPE, PublicSignal, direction, strength
from livermore.store.candles import EVENTS_KEPT
from livermore.store.keys import Keys
from livermore.store.lease import Lease, fenced
from livermore.store.query import Query, Word, command

TTL = 90_000_000
"""How long (ms of market time) a record outlives its last write."""
TRAIL = 500
"""Values of a trail: what the dashboard draws."""


class Record(NamedTuple):
    """One indicator record, and the values to add to its trail: open time (ms) to JSON."""

    series: Series
    full: Mapping[str, Any]
    trail: Mapping[int, bytes]


def write(lease: Lease, kind: str, records: Sequence[Record], ttl_ms: float) -> Query[int]:
    """Store records and append them to the event stream. ``ttl_ms``: wall time."""
    keys = [lease.keys.events]
    arguments: list[Word] = [EVENTS_KEPT, int(ttl_ms), TRAIL]
    for r in records:
        keys += [lease.keys.indicator(r.series, kind), lease.keys.trail(r.series, kind)]
        shown = msgspec.json.encode(public(r.series, r.full))
        arguments += [str(r.series), msgspec.json.encode(r.full), shown, len(r.trail)]
        arguments += [word for pair in r.trail.items() for word in pair]
    return fenced(lease, "signals", keys, arguments)


def read(keys: Keys, series: Series, kind: str) -> Query[dict[str, Any] | None]:
    """The full record of a series."""
    return command("GET", keys.indicator(series, kind), read=_record)


def trail(keys: Keys, series: Series, kind: str) -> Query[list[bytes]]:
    """The newest values of a series, ascending, as JSON."""
    return command("ZRANGE", keys.trail(series, kind), 0, -1, read=list)


def public(series: Series, record: Mapping[str, Any]) -> PublicSignal:
    """What the public may see of a full record."""
    return PublicSignal(
        symbol=series.symbol,
        exchange=series.exchange,
        timeframe=str(series.timeframe),
        signal_type=SIGNAL_TYPE,
        direction=direction(record["params"]["stage"]),
        strength=strength(record["value"]["macdV"]),
        price=record["close"],
        timestamp=iso(record["timestamp"]),
        ready=record["validity"]["ready"],
        bars_used=record["validity"]["bars_used"],
    )


def _record(answer: bytes | None) -> dict[str, Any] | None:
    return msgspec.json.decode(answer, type=dict[str, Any]) if answer else None
