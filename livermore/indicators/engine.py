"""The engine: an indicator of many series, one step for each closed candle, from its own state or from what is stored.

A series goes on from its state as long as the state joins on: nothing that is stored up to its newest candle has been
rewritten since, and nothing is missing after it. Otherwise, and to begin with, it is computed from the stored candles.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from livermore.indicators.bars import Floats, filled
from livermore.indicators.outstanding import Made, made, outstanding
from livermore.indicators.record import Point, numbers
from livermore.indicators.table import Basis, Table
from livermore.indicators.values import Indicator, Values
from livermore.market.candle import Candle, Series
from livermore.market.cursor import Cursor

FILLS = 1_000
"""Steps without trades in a row; a series that was silent for longer is computed from history."""


class News(NamedTuple):
    """What there is to know of a series that moved.

    ``rewrites``: how often what is stored of its past was changed, read before ``cursor``, and that before any candle;
    ``closed``: candles that were told of, perhaps not all; ``redo``: open time (ms) of the oldest that was corrected.
    """

    cursor: Cursor | None
    rewrites: int
    closed: Sequence[Candle] = ()
    redo: int | None = None


class Stored(Protocol):
    """What is stored already."""

    def window(self, series: Series) -> Sequence[Candle]:
        """The newest candles, ascending, as many as are kept."""

    def between(self, series: Series, first: int, last: int) -> Sequence[Candle]:
        """The candles with open times (ms) ``first`` to ``last``, both included, ascending."""

    def records(self, series: Sequence[Series], kind: str) -> Sequence[Mapping[str, Any] | None]:
        """The full records of series, in their order; at least one series."""


class Engine:
    """What it gives has to be stored before it is given anything more, or the engine is of no use any more."""

    def __init__(self, indicator: Indicator, stored: Stored) -> None:
        self.indicator, self._stored = indicator, stored
        self._table = Table(indicator)
        self._done: dict[Series, int | None] = {}  # open time of the newest candle that has a record

    def take(self, news: Mapping[Series, News]) -> list[Made]:
        """The records that are to be made, those of each series ascending."""
        self._recall([series for series in news if series not in self._done])
        steady: dict[Series, Sequence[Candle]] = {}
        found: list[Made] = []
        for series, one in news.items():
            fresh = self._fresh(series, one)
            if fresh is None:
                found += self._computed(series, one)
            else:
                steady[series] = fresh
        return [*found, *self._stepped(steady)]

    def _recall(self, unknown: Sequence[Series]) -> None:
        """Go on from the states that stand in the newest records."""
        records = self._stored.records(unknown, self.indicator.kind) if unknown else ()
        for series, record in zip(unknown, records, strict=True):
            self._done[series] = None if record is None else record["timestamp"]
            kept = self._kept(record or {})
            if kept is not None:
                self._table.put(series, *kept)

    def _kept(self, record: Mapping[str, Any]) -> tuple[Floats, Basis] | None:
        recursion = record.get("recursion", {})
        if recursion.get("recipe") != self.indicator.recipe or None in recursion["state"]:
            return None
        return np.array(recursion["state"], np.float64), Basis(recursion["since"], recursion["rewrites"])

    # -- a step for each candle

    def _fresh(self, series: Series, news: News) -> Sequence[Candle] | None:
        """The candles after the state that the series has, or None where it cannot go on from it."""
        done, cursor = self._done[series], news.cursor
        if done is None or cursor is None or news.redo is not None or done > cursor.through:
            return None
        if self._table.basis(series) != (cursor.since, news.rewrites):
            return None
        step, told = series.timeframe.ms, news.closed
        if len(told) == 1 and told[0].open_time == done + step <= cursor.through:
            return told
        by_time = {c.open_time: c for c in told if done < c.open_time <= cursor.through}
        times = sorted(by_time)
        if times and times[-1] == done + len(times) * step:
            return [by_time[at] for at in times]
        first, *fresh = self._stored.between(series, done, cursor.through) or (None,)
        if first is None or first.open_time != done:
            return None
        return fresh if not fresh or fresh[-1].open_time - done <= FILLS * step else None

    def _stepped(self, steady: Mapping[Series, Sequence[Candle]]) -> Iterator[Made]:
        """A record for each of these candles, of all series together."""
        for i in range(max(map(len, steady.values()), default=0)):
            candles = [fresh[i] for fresh in steady.values() if i < len(fresh)]
            states = self._table.step(candles)
            records = self.indicator.records(states)
            drawn = zip(*map(numbers, self.indicator.lines(states)), strict=True)
            for candle, record, pair, state in zip(candles, records, drawn, states.T.tolist(), strict=True):
                points: dict[int, Point] = {candle.open_time: [candle.open_time, *pair]}
                yield self._finished(made(candle, record, points, state, rebased=False))

    # -- from history

    def _computed(self, series: Series, news: News) -> Iterator[Made]:
        cursor = news.cursor
        self._table.forget(series)
        stored = self._stored.window(series) if cursor else ()
        window = [c for c in stored if cursor and cursor.since <= c.open_time <= cursor.through]
        if not window or cursor is None:
            return
        values = Values(self.indicator, filled(window))
        found = outstanding(window, values, self._done[series], news.redo)
        done = found[-1].full["timestamp"] if found else self._done[series]
        if done == window[-1].open_time:
            self._table.put(series, values.states[:, -1], Basis(cursor.since, news.rewrites))
        yield from map(self._finished, found)

    def _finished(self, one: Made) -> Made:
        """A record with all that is needed to go on after it."""
        basis = self._table.basis(one.series)
        assert basis is not None, "what is told last is what the state was made of"
        self._done[one.series] = one.full["timestamp"]
        since, rewrites = basis
        recipe = self.indicator.recipe
        one.full["recursion"] = {"recipe": recipe, "since": since, "rewrites": rewrites, "state": one.state}
        return one
