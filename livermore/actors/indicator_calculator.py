"""The indicator calculator: computes the indicator of every closed candle, from what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Annotated, Any

import msgspec
from pydantic import Field

from livermore import metrics
from livermore.clock import wall_seconds
from livermore.indicators.bars import filled
from livermore.indicators.macdv import Values
from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.messages import CandleClosed, CandleCorrected, HistoryChanged, SignalComputed
from livermore.plugins import make
from livermore.resources import Resources
from livermore.settings import Options, plugged
from livermore.store import candles, signals, symbols
from livermore.store.lease import Duty
from livermore.store.signals import Record
from livermore.supervision.actor import Worker

PACKAGE = "livermore.indicators"
Entry = Annotated[dict[str, Any], plugged(PACKAGE)]
AT_ONCE = 50
"""Records of one script call."""


class CalculatorOptions(Options):
    """``indicators``: ``[{word: {options}}]``, each word a file of `livermore.indicators`."""

    indicators: tuple[Annotated[dict[str, Any], plugged(PACKAGE)], ...] = Field(
        ({"macdv": {}},), min_length=1, max_length=1
    )
    timeframes: tuple[Timeframe, ...] = tuple(Timeframe)


class IndicatorCalculator(Worker):
    """A message says only which series moved. What is to be computed follows from the stored candles, how far they are
    known without a hole, and the newest record: so nothing is lost by a crash, and nothing is told twice.
    """

    options: CalculatorOptions
    resources: Resources
    accepts = (CandleClosed, CandleCorrected, HistoryChanged)
    emits = (SignalComputed,)
    batch = 500

    def warm_up(self) -> None:
        self.duty: Duty = self.context.arguments["duty"]
        self.keys = self.duty.lease.keys
        self.redis = self.keep(self.resources.redis())
        self.indicator = make(PACKAGE, self.options.indicators[0])
        self.done: dict[Series, int] = {}  # open time of the newest candle that has a record
        watched = self.redis.run(symbols.read(self.keys))
        exchange = self.duty.lease.exchange
        self._compute((Series(exchange, *pair) for pair in product(watched, self.options.timeframes)), {})

    def receive_all(self, messages: Sequence[Any]) -> None:
        redo: dict[Series, int] = {}
        for message in messages:
            if isinstance(message, CandleCorrected):
                redo[message.series] = min(message.candle.open_time, redo.get(message.series, message.candle.open_time))
        moved = dict.fromkeys(message.series for message in messages)
        self._compute((series for series in moved if series.timeframe in self.options.timeframes), redo)

    def _compute(self, moved: Iterable[Series], redo: Mapping[Series, int]) -> None:
        """Bring the records of these series up to date; ``redo``: the oldest candle (ms) that was corrected."""
        records = [record for series in moved for record in self._records(series, redo.get(series))]
        ttl = wall_seconds(self.clock, signals.TTL) * 1000
        for i in range(0, len(records), AT_ONCE):
            batch = records[i : i + AT_ONCE]
            self.redis.run(signals.write(self.duty.lease, self.indicator.kind, batch, ttl))
            for record in batch:
                self._tell(record)

    def _tell(self, record: Record) -> None:
        self.done[record.series] = record.full["timestamp"]
        metrics.SIGNALS.labels(record.series.exchange, record.series.timeframe).inc()
        self.emit(SignalComputed(record.series, record.full["timestamp"]))

    def _records(self, series: Series, redo: int | None) -> list[Record]:
        """A record for every candle since the newest that has one."""
        cursor = self.redis.run(candles.cursors_of(self.keys, [series]))[0]
        stored = self.redis.run(candles.newest(self.keys, series, self.duty.history)) if cursor else []
        window = [c for c in stored if cursor and cursor.since <= c.open_time <= cursor.through]
        if not window:
            return []
        values = self.indicator.compute(filled(window))
        done = self._done(series)
        if done is None or done < window[0].open_time:
            return self._anew(series, window, values)
        since = done if redo is None else min(done, redo - 1)
        fresh = [c for c in window if c.open_time > done] or ([window[-1]] if since < done else [])
        again = [c for c in window if since < c.open_time <= done]
        return [
            self._record(series, candle, values, trail=[*again, candle] if i == 0 else [candle])
            for i, candle in enumerate(fresh)
            if values.published(values.index(candle.open_time))
        ]

    def _anew(self, series: Series, window: list[Candle], values: Values) -> list[Record]:
        """The newest record only: a series that begins, or that does not join on, has a past but no news of it."""
        if not values.published(len(values.bars) - 1):
            return []
        return [self._record(series, window[-1], values, trail=window, rebased=True)]

    def _record(
        self, series: Series, candle: Candle, values: Values, trail: list[Candle], *, rebased: bool = False
    ) -> Record:
        about = {"symbol": series.symbol, "timeframe": series.timeframe, "close": candle.close, "rebased": rebased}
        full = {**values.record(values.index(candle.open_time)), **about, "revision": candle.revision}
        points = {c.open_time: msgspec.json.encode(values.point(values.index(c.open_time))) for c in trail}
        return Record(series, full, points)

    def _done(self, series: Series) -> int | None:
        if series not in self.done:
            record = self.redis.run(signals.read(self.keys, series, self.indicator.kind))
            if record is not None:
                self.done[series] = record["timestamp"]
        return self.done.get(series)
