"""Every crossing of a world: one row, one event, one id and at least one notice, but none of what was found late."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from sqlalchemy import select

from livermore.indicators.bars import filled
from livermore.indicators.macdv import Macdv
from livermore.indicators.validity import READY_FROM
from livermore.market.alert import alert_id
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import candles, catalogue
from livermore.store.redis import RedisStore
from livermore.store.sql import Database
from livermore.store.tables import alert_history
from tests.alerts.transcript import Transcript
from tests.support.ledger import Ledger
from tests.support.notices import alert_of
from tests.support.world import World

SETTLED = 60_000
"""Milliseconds after its candle closed in which a crossing need not be known yet."""
FRESH = 2
"""Timeframes after which it is found late."""


class Crossing(NamedTuple):
    """What must have been raised: ``close_time`` of its candle in ms."""

    series: Series
    label: str
    close_time: int

    @property
    def id(self) -> str:
        rule = "reversal" if self.label.startswith("reversal") else "level_cross"
        return alert_id(rule, *self.series, self.label, self.close_time - self.series.timeframe.ms)


class Value(NamedTuple):
    """A value that is ready, of a candle that closed at ``close_time`` (ms)."""

    value: float
    histogram: float
    close_time: int


class Row(NamedTuple):
    """An alert that is recorded; times in ms."""

    id: str
    timeframe_ms: int
    candle_time: int
    triggered_at: int
    late: bool


def crossings(world: World, series: Series, since: int) -> Iterator[Crossing]:
    """What a series has crossed since ``since`` (ms), by the rules written down once more."""
    transcript = Transcript()
    values = list(_values(world, series))
    first = next((i for i, one in enumerate(values) if one.close_time > since), len(values))
    transcript.before = values[first - 1].value if first else None
    for one in values[first:]:
        yield from (Crossing(series, label, one.close_time) for label in transcript.hear(one))


def _values(world: World, series: Series) -> Iterator[Value]:
    """Of what was really traded since the oldest candle that is known without a hole, all at once."""
    store = RedisStore(world.redis)
    cursor = store.run(candles.cursors_of(world.keys, [series]))[0]
    store.close()
    traded = world.truth(series.symbol, series.timeframe, cursor.since, 1 << 60) if cursor else []
    if not traded:
        return
    values = Macdv().compute(filled(traded))
    for at in map(values.index, (candle.open_time for candle in traded)):
        if values.seen[at] >= READY_FROM and values.value[at] == values.value[at]:
            close_time = int(values.bars.open_time[at]) + series.timeframe.ms
            yield Value(values.value[at], values.histogram[at], close_time)


def wrong(world: World) -> Iterator[str]:
    """Every crossing of the world's symbols that was lost, invented, doubled, or wrongly called late."""
    ledger, now = Ledger(world), world.clock.now()
    expected = {one.id: one for series in ledger.series for one in crossings(world, series, _watched(world, series))}
    recorded = {row.id: row for row in _rows(world)}
    told, noticed = ledger.alert_ids(), Counter(map(alert_of, world.notices))
    for id_, one in expected.items():
        if id_ not in recorded and one.close_time < now - SETTLED:
            yield f"{one} was lost"
    for id_, row in recorded.items():
        if id_ not in expected:
            yield f"{row} was never crossed"
        if told[id_] != 1:
            yield f"{row} was told {told[id_]} times"
        if row.late != (row.triggered_at - row.candle_time - row.timeframe_ms > FRESH * row.timeframe_ms):
            yield f"{row} is called late, or not, and should not be"
        if (noticed[id_] == 0) != row.late and row.triggered_at < now - SETTLED:
            yield f"{row} was noticed {noticed[id_]} times"


def _watched(world: World, series: Series) -> int:
    database = Database(world.database)
    ask = partial(catalogue.watched_since, exchange_id=world.keys.exchange_id, symbol=series.symbol)
    since = database.run(ask)
    database.close()
    assert since is not None, f"{series.symbol} is not watched"
    return since


def _rows(world: World) -> list[Row]:
    t = alert_history.c
    database = Database(world.database)
    query = select(t.alert_id, t.timeframe, t.candle_time, t.triggered_at, t.late)
    found = database.run(lambda connection: list(connection.execute(query)))
    database.close()
    return [Row(id_, Timeframe(timeframe).ms, at, triggered, late) for id_, timeframe, at, triggered, late in found]
