"""Signals in Redis: the full indicator record of each series, and the trail of values behind it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from livermore.market.candle import Series
from livermore.market.instant import iso
from livermore.market.signal import SIGNAL_TYPE, PublicSignal, direction, strength
from livermore.store.candles import EVENTS_KEPT
from livermore.store.fence import Right, fenced
from livermore.store.keys import Keys
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


def write(right: Right, kind: str, records: Sequence[Record], ttl_ms: float, *, told: bool = True) -> Query[int]:
    """Store records, and append them to the event stream if they are to be ``told``. ``ttl_ms``: wall time."""
    keys = [right.keys.events]
    arguments: list[Word] = [EVENTS_KEPT, int(ttl_ms), TRAIL]
    for r in records:
        keys += [right.keys.indicator(r.series, kind), right.keys.trail(r.series, kind)]
        shown = msgspec.json.encode(public(r.series, r.full)) if told else b""
        arguments += [str(r.series), msgspec.json.encode(r.full), shown, len(r.trail)]
        arguments += [word for pair in r.trail.items() for word in pair]
    return fenced(right, "signals", keys, arguments)


def read(keys: Keys, series: Series, kind: str) -> Query[dict[str, Any] | None]:
    """The full record of a series."""
    return command("GET", keys.indicator(series, kind), read=_record)


def records(keys: Keys, series: Sequence[Series], kind: str) -> Query[list[dict[str, Any] | None]]:
    """The full records of series, in their order; at least one series. None where there is none that can be read."""
    words = (keys.indicator(one, kind) for one in series)
    return command("MGET", *words, read=lambda all_: [_readable(answer) for answer in all_])


def shown(keys: Keys, series: Sequence[Series], kind: str) -> Query[list[PublicSignal | None]]:
    """What the public may see of the newest records of series, in their order; at least one series.

    None where there is no record, where it has no value yet, or where it cannot be read.
    """
    words = (keys.indicator(one, kind) for one in series)
    return command("MGET", *words, read=lambda all_: [_shown(*pair) for pair in zip(series, all_, strict=True)])


def whole(keys: Keys, series: Sequence[Series], kind: str) -> Query[list[tuple[PublicSignal, dict[str, Any]]]]:
    """As `shown`, each with its full record beside it; what `shown` has nothing of is left out."""
    words = (keys.indicator(one, kind) for one in series)
    return command("MGET", *words, read=lambda all_: list(_whole(series, all_)))


def _whole(series: Sequence[Series], answers: Sequence[bytes | None]) -> Iterator[tuple[PublicSignal, dict[str, Any]]]:
    for one, answer in zip(series, answers, strict=True):
        signal, record = _shown(one, answer), _readable(answer)
        if signal is not None and record is not None:
            yield signal, record


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


class _Value(msgspec.Struct):
    macdV: float | None  # noqa: N815 - the field's name in the stored record


class _Params(msgspec.Struct):
    stage: str
    seeded: bool


class _Validity(msgspec.Struct):
    ready: bool
    bars_used: int


class _Form(msgspec.Struct):
    """The parts of a record that public signals are made from; no other part is even read."""

    timestamp: int
    close: str
    value: _Value
    params: _Params
    validity: _Validity


def _shown(series: Series, answer: bytes | None) -> PublicSignal | None:
    try:
        form = msgspec.json.decode(answer, type=_Form) if answer else None
    except msgspec.MsgspecError:
        return None  # whoever wrote it will write it anew; readers go by the rest meanwhile
    if form is None or not form.params.seeded or form.value.macdV is None:
        return None
    return public(series, msgspec.to_builtins(form))


def _readable(answer: bytes | None) -> dict[str, Any] | None:
    try:
        return _record(answer)
    except msgspec.MsgspecError:
        return None  # as in `_shown`


def _record(answer: bytes | None) -> dict[str, Any] | None:
    return msgspec.json.decode(answer, type=dict[str, Any]) if answer else None
