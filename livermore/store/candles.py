"""Candles in Redis: reading windows of a series, and writing batches of closed candles in one fenced script."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from livermore.market.candle import Candle, Series, from_json, stem
from livermore.market.cursor import Cursor
from livermore.market.instant import parse_iso
from livermore.store.fence import Right, fenced
from livermore.store.keys import Keys
from livermore.store.query import Query, Word, command

T = TypeVar("T")

BATCH = 200
"""The most candles of one script call: it blocks the server while it runs."""
EVENTS_KEPT = 4_000_000
"""Of an exchange, whatever happens: a day of a thousand symbols. It is by time that they are swept."""


class Known(NamedTuple):
    """Everything from open time ``first`` through ``last`` (ms) of a series is known from now on.

    ``rest``: the exchange's REST service said so; ``anew``: what was known before no longer joins on.
    """

    series: Series
    first: int
    last: int
    rest: bool = False
    anew: bool = False


class Write(NamedTuple):
    """Candles to store, at most `BATCH`; ``news``: whether new ones go to the event stream, or are mere history.

    ``rest``: whether REST says so; what others say is left out where REST has spoken already.
    """

    candles: Sequence[Candle]
    known: Sequence[Known]
    news: bool = True
    rest: bool = True


class Window(NamedTuple):
    """The candles that were found from open time ``first`` through ``last`` (ms) of a series."""

    series: Series
    first: int
    last: int
    candles: Sequence[Candle]


def write(right: Right, batch: Write, history: int) -> Query[list[int]]:
    """Store a batch, keeping ``history`` candles a series.

    The answer has a number for each candle: 0 nothing changed, 1 it is new, n it is a correction with revision n - 1.
    """
    return _write(right, batch, (), history, lambda ns: list(map(int, ns)))


def write_made(right: Right, batch: Write, windows: Sequence[Window], history: int) -> Query[list[int] | None]:
    """As `write`, of candles made of these windows: if one has changed meanwhile, None, and nothing is done."""
    return _write(right, batch, windows, history, lambda ns: None if ns is None else list(map(int, ns)))


def _write(right: Right, batch: Write, windows: Sequence[Window], history: int, read: Callable[[Any], T]) -> Query[T]:
    keys = right.keys
    series = dict.fromkeys([*(w.series for w in windows), *(c.series for c in batch.candles)])
    places = {one: i for i, one in enumerate(series, 1)}
    arguments: list[Word] = [EVENTS_KEPT, history, len(windows)]
    for w in windows:
        arguments += [places[w.series], w.first, w.last, len(w.candles), sum(c.revision for c in w.candles)]
    arguments += [int(batch.rest), len(batch.candles)]
    for c in batch.candles:
        arguments += [places[c.series], str(c.series), c.open_time, stem(c), int(batch.news)]
    arguments.append(len(batch.known))
    for k in batch.known:
        arguments += [str(k.series), k.series.timeframe.ms, k.first, k.last, int(k.rest), int(k.anew)]
    return fenced(
        right, "candles", [keys.events, keys.cursors, keys.rewrites, *map(keys.candles, places)], arguments, read
    )


def between(keys: Keys, series: Series, first: int, last: int) -> Query[list[Candle]]:
    """The stored candles with open times (ms) ``first`` to ``last``, both included, ascending."""
    return command("ZRANGEBYSCORE", keys.candles(series), first, last, read=_candles)


def newest(keys: Keys, series: Series, count: int) -> Query[list[Candle]]:
    """The newest stored candles, ascending."""
    return command("ZRANGE", keys.candles(series), -count, -1, read=_candles)


def newest_before(keys: Keys, series: Series, open_time: int) -> Query[int | None]:
    """The open time (ms) of the newest stored candle before this one."""
    words = keys.candles(series), f"({open_time}", "-inf", "LIMIT", 0, 1
    return command("ZREVRANGEBYSCORE", *words, read=lambda members: opened(members[0]) if members else None)


def oldest(keys: Keys, series: Series) -> Query[int | None]:
    """The open time (ms) of the oldest stored candle."""
    return command("ZRANGE", keys.candles(series), 0, 0, read=lambda members: opened(members[0]) if members else None)


def opens(keys: Keys, series: Series, first: int, last: int) -> Query[list[int]]:
    """The open times (ms) from ``first`` to ``last`` of which there are stored candles, ascending."""
    words = keys.candles(series), first, last, "WITHSCORES"
    return command("ZRANGEBYSCORE", *words, read=lambda answer: [int(score) for score in answer[1::2]])


def count(keys: Keys, series: Series) -> Query[int]:
    """How many candles of a series are stored."""
    return command("ZCARD", keys.candles(series), read=int)


def page(
    keys: Keys, series: Series, first: float, last: float, count: int, *, newest_first: bool = False
) -> Query[list[bytes]]:
    """The public JSON of at most ``count`` candles with open times (ms, or infinite) from ``first`` to ``last``."""
    limit: list[Word] = ["LIMIT", 0, count]
    if newest_first:
        return command("ZREVRANGEBYSCORE", keys.candles(series), last, first, *limit, read=list)
    return command("ZRANGEBYSCORE", keys.candles(series), first, last, *limit, read=list)


class _Opened(msgspec.Struct):
    timestamp: str


def opened(data: bytes) -> int:
    """The open time (ms) of a candle in its public JSON."""
    return parse_iso(msgspec.json.decode(data, type=_Opened).timestamp)


def cursors_of(keys: Keys, series: Sequence[Series]) -> Query[list[Cursor | None]]:
    """How far these series are known, in their order; at least one series."""
    return command(
        "HMGET", keys.cursors, *map(str, series), read=lambda all_: [_cursor(h) if h else None for h in all_]
    )


def cursors(keys: Keys) -> Query[dict[str, Cursor]]:
    """How far each series is known, by ``SYMBOL:TIMEFRAME``."""
    return command("HGETALL", keys.cursors, read=_cursors)


def rewrites_of(keys: Keys, series: Sequence[Series]) -> Query[list[int]]:
    """How often the past of these series was changed: a candle replaced, or put in before the newest; at least one."""
    return command("HMGET", keys.rewrites, *map(str, series), read=lambda all_: [int(count or 0) for count in all_])


def _candles(members: list[bytes]) -> list[Candle]:
    return [from_json(member) for member in members]


def _cursor(held: bytes) -> Cursor:
    return Cursor.from_text(held.decode())


def _cursors(answer: list[Any]) -> dict[str, Cursor]:
    pairs = zip(answer[::2], answer[1::2], strict=True)
    return {name.decode(): _cursor(held) for name, held in pairs}
