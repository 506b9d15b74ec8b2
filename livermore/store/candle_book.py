"""The candle book: stores closed candles, and rolls up what they complete, one timeframe after the other."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import structlog

from livermore import metrics
from livermore.market.candle import Candle, Series, fault, to_json
from livermore.market.cursor import Cursor
from livermore.market.rollup import roll_up
from livermore.store import candles as store
from livermore.store.candles import BATCH, Known, Window, Write
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore

_log = structlog.get_logger("livermore.candles")


class Change(NamedTuple):
    """A candle that was stored: ``new``, or a correction of one that stood there."""

    candle: Candle
    new: bool


class Parent(NamedTuple):
    """A larger bucket whose children are all known: its series and open time (ms), and the series of its children."""

    series: Series
    open_time: int
    children: Series


class CandleBook:
    """Whoever stores the last child of a bucket rolls it up; that two may do so does no harm."""

    def __init__(self, redis: AsyncRedisStore, lease: Lease, history: int, *, rolls_up: bool = True) -> None:
        """``rolls_up``: whether larger candles are made of smaller ones; some exchanges tell them all."""
        self._redis, self._lease, self._history, self._rolls_up = redis, lease, history, rolls_up

    async def close(self, candles: Sequence[Candle], known: Sequence[Known], *, news: bool = True) -> list[Change]:
        """Store closed candles and what is known by them; history, which is no news, is not rolled up.

        Returns:
            Every candle that changed, in the order in which it was stored, those rolled up last.
        """
        sound = [candle for candle in candles if not quarantined(candle)]
        doubtful = {(c.series, c.open_time) for c in candles} - {(c.series, c.open_time) for c in sound}
        known = [k for k in known if k.rest or (k.series, k.first) not in doubtful]
        changes = await self._write(sound, known, news=news)
        while news and known and self._rolls_up:
            parents = await self._complete(known)
            for i in range(0, len(parents), BATCH):
                changes += await self._roll_up(parents[i : i + BATCH])
            known = [_known(p) for p in parents]
        return changes

    async def _write(self, candles: Sequence[Candle], known: Sequence[Known], *, news: bool) -> list[Change]:
        if not candles and not known:
            return []
        batches = [candles[i : i + BATCH] for i in range(0, len(candles), BATCH)] or [()]
        rest, changes = any(k.rest for k in known), list[Change]()
        for i, batch in enumerate(batches, 1):
            write = Write(batch, known if i == len(batches) else (), news, rest)
            results = await self._redis.run(store.write(self._lease, write, self._history))
            changes += _changes(batch, results)
        return changes

    async def _complete(self, known: Sequence[Known]) -> list[Parent]:
        """The buckets that these children complete, unless REST has confirmed them already."""
        pairs = [(k, k.series._replace(timeframe=parent)) for k in known if (parent := k.series.timeframe.parent)]
        wanted = [series for k, parent in pairs for series in (k.series, parent)]
        cursors = await self._redis.run(store.cursors_of(self._lease.keys, wanted)) if wanted else []
        held = dict(zip(wanted, cursors, strict=True))
        return list(dict.fromkeys(p for k, parent in pairs for p in _parents(k, parent, held)))

    async def _roll_up(self, parents: Sequence[Parent]) -> list[Change]:
        """Store these buckets, made of children that nobody corrects before it is done."""
        while True:
            windows = await self._children(parents)
            pairs = zip(parents, windows, strict=True)
            rolled = [roll_up(w.candles, p.series.timeframe) for p, w in pairs if w.candles]
            write = Write(rolled, [_known(p) for p in parents], rest=False)
            results = await self._redis.run(store.write_made(self._lease, write, windows, self._history))
            if results is not None:
                return _changes(rolled, results)

    async def _children(self, parents: Sequence[Parent]) -> list[Window]:
        spans = [(p.children, p.open_time, p.open_time + p.series.timeframe.ms - 1) for p in parents]
        found = await self._redis.run_all([store.between(self._lease.keys, *span) for span in spans])
        return [Window(*span, candles) for span, candles in zip(spans, found, strict=True)]


def quarantined(candle: Candle) -> bool:
    """Whether a candle cannot be true; then it is logged and counted."""
    reason = fault(candle)
    if reason is not None:
        metrics.QUARANTINED.labels(candle.exchange).inc()
        _log.error("a candle cannot be true and is not stored", reason=reason, candle=to_json(candle).decode())
    return reason is not None


def _known(parent: Parent) -> Known:
    return Known(parent.series, parent.open_time, parent.open_time)


def _parents(known: Known, series: Series, cursors: dict[Series, Cursor | None]) -> Iterator[Parent]:
    child, parent = known.series.timeframe, series.timeframe
    child_cursor, parent_cursor = cursors[known.series], cursors[series]
    if child_cursor is None or parent_cursor is None:
        return
    for open_time in range(parent.floor(known.first), known.last + 1, parent.ms):
        if open_time > parent_cursor.confirmed and child_cursor.holds(open_time, child, parent):
            yield Parent(series, open_time, known.series)


def _changes(candles: Sequence[Candle], results: Sequence[int]) -> list[Change]:
    pairs = zip(candles, results, strict=True)
    return [Change(msgspec.structs.replace(c, revision=n - 1), new=n == 1) for c, n in pairs if n]
