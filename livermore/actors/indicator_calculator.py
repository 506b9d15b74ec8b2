"""The indicator calculator: computes the indicators of every closed candle, and stores them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator

from livermore import metrics
from livermore.clock import wall_seconds
from livermore.indicators.engine import Engine, News
from livermore.indicators.outstanding import Made
from livermore.indicators.values import Indicator
from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.messages import CandleClosed, CandleCorrected, HistoryChanged, SignalComputed
from livermore.plugins import make
from livermore.resources import Resources
from livermore.settings import Options, plugged
from livermore.store import candles, signals, symbols
from livermore.store.keys import Keys
from livermore.store.lease import Duty
from livermore.store.redis import RedisStore
from livermore.store.signals import Record
from livermore.supervision.actor import Worker

PACKAGE = "livermore.indicators"
Entry = Annotated[dict[str, Any], plugged(PACKAGE)]
AT_ONCE = 50
"""Records of one script call."""
ASKED_AT_ONCE = 500
"""Series of one question to the store."""


def _one_is_told(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    kinds = [(make(PACKAGE, entry).kind, make(PACKAGE, entry).told) for entry in entries]
    if len(dict(kinds)) < len(kinds):
        raise ValueError("an indicator stands here twice")
    if sum(told for _, told in kinds) != 1:
        raise ValueError("expected macdv among them, of which public signals and alerts are made")
    return entries


class CalculatorOptions(Options):
    """``indicators``: ``[{word: {options}}]``, each word a file of `livermore.indicators`.

    Public signals and alerts are made of ``macdv``; what the others compute is stored beside it, each under its kind.
    """

    indicators: Annotated[tuple[Entry, ...], AfterValidator(_one_is_told)] = ({"macdv": {}},)
    timeframes: tuple[Timeframe, ...] = tuple(Timeframe)


class Held:
    """What is stored already, as an `Engine` asks for it."""

    def __init__(self, redis: RedisStore, keys: Keys, history: int) -> None:
        """``history``: how many candles of a series are kept."""
        self._redis, self._keys, self._history = redis, keys, history

    def news(self, moved: Iterable[Series], closed: Mapping[Series, list[Candle]]) -> Iterator[tuple[Series, News]]:
        """What there is to know of these series, ``closed`` being the candles that were told of."""
        wanted = list(moved)
        for i in range(0, len(wanted), ASKED_AT_ONCE):
            some = wanted[i : i + ASKED_AT_ONCE]
            rewrites = self._redis.run(candles.rewrites_of(self._keys, some))
            cursors = self._redis.run(candles.cursors_of(self._keys, some))
            for series, cursor, count in zip(some, cursors, rewrites, strict=True):
                yield series, News(cursor, count, closed.get(series, ()))

    def window(self, series: Series) -> list[Candle]:
        """See `Stored`."""
        return self._redis.run(candles.newest(self._keys, series, self._history))

    def between(self, series: Series, first: int, last: int) -> list[Candle]:
        """See `Stored`."""
        return self._redis.run(candles.between(self._keys, series, first, last))

    def records(self, series: Sequence[Series], kind: str) -> list[dict[str, Any] | None]:
        """See `Stored`."""
        parts = (series[i : i + ASKED_AT_ONCE] for i in range(0, len(series), ASKED_AT_ONCE))
        return [record for part in parts for record in self._redis.run(signals.records(self._keys, part, kind))]


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
        keys = self.duty.lease.keys
        self.redis = self.keep(self.resources.redis())
        self.held = Held(self.redis, keys, self.duty.history)
        self.engines = [Engine(make(PACKAGE, entry), self.held) for entry in self.options.indicators]
        watched = self.redis.run(symbols.read(keys))
        exchange = self.duty.lease.exchange
        everything = (Series(exchange, *pair) for pair in product(watched, self.options.timeframes))
        self._compute(dict(self.held.news(everything, {})))

    def receive_all(self, messages: Sequence[Any]) -> None:
        redo: dict[Series, int] = {}
        closed: dict[Series, list[Candle]] = {}
        for message in messages:
            if isinstance(message, CandleCorrected):
                redo[message.series] = min(message.candle.open_time, redo.get(message.series, message.candle.open_time))
            elif isinstance(message, CandleClosed):
                closed.setdefault(message.series, []).append(message.candle)
        moved = (series for series in dict.fromkeys(m.series for m in messages) if self._wanted(series))
        news = self.held.news(moved, closed)
        self._compute({series: one._replace(redo=redo.get(series)) for series, one in news})

    def _wanted(self, series: Series) -> bool:
        return series.timeframe in self.options.timeframes

    def _compute(self, news: Mapping[Series, News]) -> None:
        """Bring the records of these series up to date."""
        for engine in self.engines:
            made = engine.take(news)
            for i in range(0, len(made), AT_ONCE):
                self._store(engine.indicator, made[i : i + AT_ONCE])

    def _store(self, indicator: Indicator, made: Sequence[Made]) -> None:
        records = [Record(m.series, m.full, {at: msgspec.json.encode(p) for at, p in m.points.items()}) for m in made]
        ttl = wall_seconds(self.clock, signals.TTL) * 1000
        self.redis.run(signals.write(self.duty.lease, indicator.kind, records, ttl, told=indicator.told))
        if not indicator.told:
            return
        for one in made:
            metrics.SIGNALS.labels(one.series.exchange, one.series.timeframe).inc()
        self.emit_all([SignalComputed(one.series, one.full["timestamp"]) for one in made])
