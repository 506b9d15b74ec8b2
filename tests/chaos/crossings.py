"""Every crossing: one row, one event, one id and at least one notice, but none of what was found late."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import isnan
from typing import NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, select

from livermore.indicators.bars import filled
from livermore.indicators.macdv import Macdv
from livermore.indicators.validity import READY_FROM
from livermore.market.alert import alert_id
from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.store import candles, catalogue, events
from livermore.store.keys import Keys
from livermore.store.query import Query
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import Database
from livermore.store.tables import alert_history
from tests.alerts.transcript import Transcript
from tests.support.notices import alert_of
from tests.support.world import World

T = TypeVar("T")

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


class Scene(NamedTuple):
    """What is held to account: a world's or that of real processes.

    ``traded``: the candles of a series that open at this time (ms) or later and are over; ``noticed``: how often people
    were told of an alert, by its id; ``now``: ms.
    """

    redis: RedisPlace
    database: DatabasePlace
    keys: Keys
    series: Sequence[Series]
    traded: Callable[[Series, int], Sequence[Candle]]
    noticed: Counter[str]
    now: int
    told: Counter[str] | None = None
    """How often each alert stood on the stream, as far as somebody saw it, where Redis forgets what was there."""
    known_since: Mapping[Series, int] = {}
    """The oldest candle that was known without a hole before Redis forgot it, ms."""


def scene_of(world: World) -> Scene:
    """A virtual world's."""
    return Scene(
        redis=world.redis,
        database=world.database,
        keys=world.keys,
        series=[Series(world.dialect.name, symbol, timeframe) for symbol in world.symbols for timeframe in Timeframe],
        traded=lambda series, first: world.truth(series.symbol, series.timeframe, first, 1 << 60),
        noticed=Counter(map(alert_of, world.notices)),
        now=world.clock.now(),
    )


def wrong(scene: Scene) -> Iterator[str]:
    """Every crossing that was lost, invented, doubled, or wrongly called late.

    Where real processes are at work while they are looked at, what they raise after ``scene.now`` is not judged.
    """
    told = scene.told if scene.told is not None else _told(scene)
    recorded = {row.id: row for row in _rows(scene) if row.triggered_at <= scene.now}
    expected = {one.id: one for series in scene.series for one in crossings(scene, series)}
    for id_, one in expected.items():
        if id_ not in recorded and one.close_time < scene.now - SETTLED:
            yield f"{one} was lost"
    for id_, row in recorded.items():
        if id_ not in expected:
            yield f"{row} was never crossed"
        if told[id_] > 1 or (told[id_] == 0 and scene.told is None and row.triggered_at < scene.now - SETTLED):
            yield f"{row} was told {told[id_]} times"
        if row.late != (row.triggered_at - row.candle_time - row.timeframe_ms > FRESH * row.timeframe_ms):
            yield f"{row} is called late, or not, and should not be"
        if (scene.noticed[id_] == 0) != row.late and row.triggered_at < scene.now - SETTLED:
            yield f"{row} was noticed {scene.noticed[id_]} times"


def crossings(scene: Scene, series: Series) -> Iterator[Crossing]:
    """What a series has crossed since it is watched, by the rules written down once more."""
    transcript, since = Transcript(), _watched_since(scene, series)
    values = list(_values(scene, series))
    first = next((i for i, one in enumerate(values) if one.close_time > since), len(values))
    transcript.before = values[first - 1].value if first else None
    for one in values[first:]:
        yield from (Crossing(series, label, one.close_time) for label in transcript.hear(one))


def _values(scene: Scene, series: Series) -> Iterator[Value]:
    """Of what was really traded since the oldest candle that is known without a hole, all at once."""
    (cursor,) = _ask_redis(scene, candles.cursors_of(scene.keys, [series]))
    traded = scene.traded(series, min(cursor.since, scene.known_since.get(series, cursor.since))) if cursor else ()
    if not traded:
        return
    values = Macdv().compute(filled(traded))
    for at in map(values.index, (candle.open_time for candle in traded)):
        if values.seen[at] >= READY_FROM and not isnan(values.value[at]):
            close_time = int(values.bars.open_time[at]) + series.timeframe.ms
            yield Value(values.value[at], values.histogram[at], close_time)


def _told(scene: Scene) -> Counter[str]:
    """How often each alert stands on the stream."""
    found = _ask_redis(scene, events.after(scene.keys, events.START, 1_000_000))
    return Counter(msgspec.json.decode(event.data)["id"] for event in found if event.kind == "alert")


def _watched_since(scene: Scene, series: Series) -> int:
    ask = partial(catalogue.watched_since, exchange_id=scene.keys.exchange_id, symbol=series.symbol)
    since = _ask_sql(scene, ask)
    assert since is not None, f"{series.symbol} is not watched"
    return since


def _rows(scene: Scene) -> list[Row]:
    t = alert_history.c
    query = select(t.alert_id, t.timeframe, t.candle_time, t.triggered_at, t.late)
    found = _ask_sql(scene, lambda connection: list(connection.execute(query)))
    return [Row(id_, Timeframe(timeframe).ms, at, triggered, late) for id_, timeframe, at, triggered, late in found]


def _ask_redis(scene: Scene, query: Query[T]) -> T:
    store = RedisStore(scene.redis)
    try:
        return store.run(query)
    finally:
        store.close()


def _ask_sql(scene: Scene, ask: Callable[[Connection], T]) -> T:
    database = Database(scene.database)
    try:
        return database.run(ask)
    finally:
        database.close()
