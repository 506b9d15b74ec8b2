"""The gap ledger in Redis: every hole of an exchange's candles, why it came about, and what became of it.

Beside it stand the doubts: gaps that REST has not spoken of yet. They outlive every actor, so that none is forgotten.
"""

from collections.abc import Sequence

import msgspec

from livermore.market.candle import Series
from livermore.market.gap import Cause, Gap, Verdict
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from livermore.store.candles import EVENTS_KEPT
from livermore.store.fence import Right, fenced
from livermore.store.keys import Keys
from livermore.store.query import Query, Word, command, integer

KEPT = 20_000
"""The newest gaps of an exchange that the ledger keeps."""
KEPT_OF_SERIES = 200
"""The newest gaps of one series, for whoever asks about it."""
OPEN = "open"


class PublicGap(msgspec.Struct, frozen=True):
    """The stored and served form. ``start_time`` is included, ``end_time`` is not; the verdict is last.

    ``verdict``: ``open`` as long as the exchange's REST service has not spoken, or one of `Verdict`.
    """

    symbol: str
    exchange: str
    timeframe: str
    start_time: str
    end_time: str
    cause: str
    verdict: str


def report(right: Right, gaps: Sequence[Gap]) -> Query[int]:
    """Write down gaps that came to light, to be asked about; what is no hole stays out of the ledger."""
    return _write(right, [(gap, None) for gap in gaps])


def settle(right: Right, verdicts: Sequence[tuple[Gap, Verdict]]) -> Query[int]:
    """Write down what became of gaps."""
    return _write(right, verdicts)


def ask(keys: Keys, gap: Gap) -> Query[int]:
    """Leave a question for whoever owns the exchange. Anybody may: a doubt is no fact, and REST alone answers it."""
    return command("HSETNX", keys.doubts, _name(gap), int(gap.traded), read=integer)


def _write(right: Right, gaps: Sequence[tuple[Gap, Verdict | None]]) -> Query[int]:
    keys = right.keys
    places = {one: i for i, one in enumerate(dict.fromkeys(gap.series for gap, _ in gaps), 1)}
    arguments: list[Word] = [EVENTS_KEPT, KEPT, KEPT_OF_SERIES, len(gaps)]
    for gap, verdict in gaps:
        stem = to_json(gap, "").removesuffix('"}') if gap.cause.is_hole else ""
        facts: list[Word] = [places[gap.series], str(gap.series), gap.first, _name(gap), int(gap.traded)]
        arguments += [*facts, stem, verdict or OPEN]
    return fenced(right, "gaps", [keys.events, keys.gaps, keys.doubts, *map(keys.gaps_of, places)], arguments)


def _name(gap: Gap) -> str:
    """A span may be doubted for several causes, each of which has its own place in the ledger."""
    return f"{gap.series}|{gap.first}|{gap.last}|{gap.cause}"


def to_json(gap: Gap, verdict: str) -> str:
    """The stored form."""
    s = gap.series
    public = PublicGap(s.symbol, s.exchange, s.timeframe, iso(gap.first), iso(gap.end), gap.cause, verdict)
    return msgspec.json.encode(public).decode()


def doubts(keys: Keys, exchange: str) -> Query[list[Gap]]:
    """The gaps that REST has not spoken of, oldest first."""
    return command("HGETALL", keys.doubts, read=lambda answer: _doubts(exchange, answer))


def _doubts(exchange: str, answer: list[bytes]) -> list[Gap]:
    pairs = zip(answer[::2], answer[1::2], strict=True)
    return sorted((_doubt(exchange, name.decode(), traded == b"1") for name, traded in pairs), key=lambda g: g.first)


def _doubt(exchange: str, name: str, traded: bool) -> Gap:  # noqa: FBT001 - one caller
    series, first, last, cause = name.split("|")
    symbol, _, timeframe = series.rpartition(":")
    return Gap(Series(exchange, symbol, Timeframe(timeframe)), int(first), int(last), Cause(cause), traded)


def between(keys: Keys, first: float, last: float, count: int) -> Query[list[bytes]]:
    """The public JSON of at most ``count`` gaps that begin at moments (ms) from ``first`` to ``last``, ascending."""
    return command("ZRANGEBYSCORE", keys.gaps, first, last, "LIMIT", 0, count, read=list)


def of(keys: Keys, series: Series) -> Query[list[PublicGap]]:
    """The newest gaps of a series, ascending."""
    return command("ZRANGE", keys.gaps_of(series), 0, -1, read=_gaps)


def _gaps(members: list[bytes]) -> list[PublicGap]:
    return [msgspec.json.decode(member, type=PublicGap) for member in members]
