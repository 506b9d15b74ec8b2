"""The indicator calculator: computes the indicator of every closed candle, from what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Annotated, Any

import msgspec
from pydantic import Field

from livermore import metrics
from livermore.clock import wall_seconds
from livermore.indicators.bars import filled
from livermore.indicators.outstanding import outstanding
from livermore.market.candle import Series
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
        return [
            Record(series, made.full, {at: msgspec.json.encode(point) for at, point in made.points.items()})
            for made in outstanding(window, values, self._done(series), redo)
        ]

    def _done(self, series: Series) -> int | None:
        if series not in self.done:
            record = self.redis.run(signals.read(self.keys, series, self.indicator.kind))
            if record is not None:
                self.done[series] = record["timestamp"]
        return self.done.get(series)
