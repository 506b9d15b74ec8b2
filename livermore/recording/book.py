"""The candle book without a store: what `livermore.store.candle_book` and its script do, in memory. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from livermore.market.candle import Candle, Series, fault, stem
from livermore.market.cursor import Cursor
from livermore.market.rollup import roll_up
from livermore.store.candle_book import Change
from livermore.store.candles import Known


class MemoryBook:
    """``candles``: by series and open time (ms); ``cursors``: how far each series is known; ``rewrites``: how often
    its past was changed.
    """

    def __init__(self, history: int, *, rolls_up: bool = True) -> None:
        """``history``: how many candles of a series are kept; ``rolls_up``: whether larger ones are made of them."""
        self._history, self._rolls_up = history, rolls_up
        self.candles: dict[Series, dict[int, Candle]] = {}
        self.cursors: dict[Series, Cursor] = {}
        self.rewrites: Counter[Series] = Counter()

    def close(self, candles: Sequence[Candle], known: Sequence[Known], *, news: bool = True) -> list[Change]:
        """As `livermore.store.candle_book.CandleBook.close`."""
        sound = [c for c in candles if fault(c) is None]
        doubtful = {(c.series, c.open_time) for c in candles} - {(c.series, c.open_time) for c in sound}
        known = [k for k in known if k.rest or (k.series, k.first) not in doubtful]
        changes = self._write(sound, known)
        while news and known and self._rolls_up:
            parents = list(dict.fromkeys(p for k in known for p in self._complete(k)))
            rolled = [roll_up(children, p.series.timeframe) for p in parents if (children := self._children(p))]
            changes += self._write(rolled, parents)
            known = parents
        return changes

    def window(self, series: Series) -> list[Candle]:
        """The candles that are kept of a series, ascending."""
        held = self.candles.get(series, {})
        return [held[at] for at in sorted(held)]

    def between(self, series: Series, first: int, last: int) -> list[Candle]:
        """Those with open times (ms) ``first`` to ``last``, both included."""
        return [candle for candle in self.window(series) if first <= candle.open_time <= last]

    def records(self, series: Sequence[Series], _: str) -> list[None]:
        """No record is kept."""
        return [None for _ in series]

    def _write(self, candles: Sequence[Candle], known: Sequence[Known]) -> list[Change]:
        rest = any(k.rest for k in known)
        changes = [change for c in candles if rest or not self._confirmed(c) for change in self._store(c)]
        for k in known:
            self._move(k)
        return changes

    def _confirmed(self, candle: Candle) -> bool:
        cursor = self.cursors.get(candle.series)
        return cursor is not None and cursor.since <= candle.open_time <= cursor.confirmed

    def _store(self, candle: Candle) -> Iterator[Change]:
        held = self.candles.setdefault(candle.series, {})
        before = held.get(candle.open_time)
        if before is not None and stem(before) == stem(candle):
            return
        revision = 0 if before is None else before.revision + 1
        self.rewrites[candle.series] += candle.open_time <= max(held, default=-1)
        held[candle.open_time] = made = msgspec.structs.replace(candle, revision=revision)
        if len(held) > self._history:
            del held[min(held)]
        yield Change(made, new=before is None)

    def _move(self, known: Known) -> None:
        held, step = self.cursors.get(known.series), known.series.timeframe.ms
        if held is None and not known.rest:
            return
        if held is None or known.anew:
            self.cursors[known.series] = Cursor(known.first, known.last, known.last)
            return
        through = max(held.through, known.last) if known.first <= held.through + step else held.through
        older = known.rest and known.last + step >= held.since
        since = min(held.since, known.first) if older else held.since
        joins = known.rest and known.first <= held.confirmed + step
        confirmed = max(held.confirmed, known.last) if joins else held.confirmed
        self.cursors[known.series] = Cursor(since, through, confirmed)

    def _complete(self, known: Known) -> Iterator[Known]:
        """The larger buckets that are complete by now, unless REST has confirmed them already."""
        child, parent = known.series.timeframe, known.series.timeframe.parent
        if parent is None:
            return
        series = known.series._replace(timeframe=parent)
        held, above = self.cursors.get(known.series), self.cursors.get(series)
        if held is None or above is None:
            return
        for at in range(parent.floor(known.first), known.last + 1, parent.ms):
            if at > above.confirmed and held.holds(at, child, parent):
                yield Known(series, at, at)

    def _children(self, parent: Known) -> list[Candle]:
        child = parent.series.timeframe.child
        assert child is not None
        held = self.candles.get(parent.series._replace(timeframe=child), {})
        span = range(parent.first, parent.first + parent.series.timeframe.ms, child.ms)
        return [held[at] for at in span if at in held]
