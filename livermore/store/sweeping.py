"""Sweeping Redis: what is older than it is kept for is removed, a bounded number of entries at a time."""

from collections.abc import Sequence
from typing import Any

import msgspec

from livermore.store.fence import Right, fenced, put
from livermore.store.keys import Keys, activity
from livermore.store.notices import Dead
from livermore.store.query import Query, command, integer

BATCH = 200
"""Series, or dead letters, of one command: a script blocks the server while it runs."""
ENTRIES = 2_000
"""Entries of a stream, or candles of a series, that go at once."""
SHORTEST = 24 * 3600
"""Seconds for which events are held at least, and how long they are where nobody has written down how long."""


class Window(msgspec.Struct, frozen=True):
    """What an exchange's owner keeps of its events: those of so many seconds."""

    events: int


def time() -> Query[int]:
    """What time (ms) the server says it is; the ids of its streams are made of that."""
    return command("TIME", read=lambda answer: int(answer[0]) * 1000 + int(answer[1]) // 1000)


def events(right: Right, before: int) -> Query[int]:
    """Remove some events that were written before (ms); gives how many. A few older ones may be left at the end."""
    return fenced(right, "sweep_stream", [right.keys.events], [before, ENTRIES])


def candles(right: Right, series: Sequence[str], kept: int) -> Query[int]:
    """Remove some of the oldest candles of each series (``SYMBOL:TIMEFRAME``, at most `BATCH`) that has more."""
    return fenced(right, "sweep_candles", [right.keys.candles_of(one) for one in series], [kept, ENTRIES])


def most_candles(keys: Keys, series: Sequence[str]) -> list[Query[int]]:
    """How many candles each series has."""
    return [command("ZCARD", keys.candles_of(one), read=integer) for one in series]


def dead_letters(right: Right, letters: Sequence[bytes]) -> Query[int]:
    """Forget these dead letters, as they stand in Redis; what somebody has revived meanwhile is not among them."""
    return fenced(right, "sweep_letters", [right.keys.notices("dead")], letters)


def oldest_dead(keys: Keys) -> Query[list[tuple[bytes, int]]]:
    """Some of the oldest dead letters, the oldest first, as they stand there, each with when (ms) it was given up."""
    read = msgspec.json.Decoder(Dead).decode
    return command(
        "LRANGE", keys.notices("dead"), -BATCH, -1, read=lambda all_: [(raw, read(raw).at) for raw in all_[::-1]]
    )


def activities(exchange: str, before: int) -> Query[int]:
    """Remove what the activity log has from before (ms). It has no place beside the lease, and needs none: whoever
    does this, what is too old is so for everybody.
    """
    return command("XTRIM", activity(exchange), "MINID", before, read=integer)


def length(stream: str) -> Query[int]:
    """How many entries a stream has."""
    return command("XLEN", stream, read=integer)


def oldest(stream: str) -> Query[int | None]:
    """When (ms) the oldest entry of a stream was written."""
    return command("XRANGE", stream, "-", "+", "COUNT", 1, read=_written)


def _written(rows: list[Any]) -> int | None:
    return int(rows[0][0].partition(b"-")[0]) if rows else None


def keep_window(right: Right, window: Window) -> Query[int]:
    """Write down for how long events are held from now on."""
    return put(right, right.keys.window, msgspec.json.encode(window))


def window(keys: Keys) -> Query[Window]:
    """For how long events are held."""
    return command("GET", keys.window, read=lambda a: msgspec.json.decode(a, type=Window) if a else Window(SHORTEST))
