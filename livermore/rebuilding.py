"""Rebuilds what the alert rules knew of a series, where that is lost or does not join on: from all that is stored.

Values come from the trail of the series, what had fired before from the alert history. The rules are asked again about
every candle since, so that what they would have found meanwhile is found now, by the same ids: SQL refuses the doubles.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from livermore.alerts.engine import step
from livermore.alerts.raising import FRESH, Find, reading
from livermore.alerts.rule import Memory, Rule
from livermore.indicators.validity import READY_FROM
from livermore.market.analysis import stage
from livermore.market.candle import Candle, Series
from livermore.store import candles, catalogue, fired, signals
from livermore.store.fired import Fired
from livermore.store.keys import Keys
from livermore.store.redis import RedisStore
from livermore.store.sql import Database

SETTLED = 3_600_000
"""How long (ms) after it closed a candle may still be found, in a hole, that was to be judged before others."""


class Past(NamedTuple):
    """What SQL knows of a symbol: since when (ms) it is watched, if it is; its alerts; and when (ms) the newest candle
    closed of which an alert of its exchange is recorded.
    """

    watched_since: int | None
    recorded: Sequence[Fired]
    recorded_to: int | None


def _past(connection: Connection, exchange_id: int, symbol: str) -> Past:
    since = catalogue.watched_since(connection, exchange_id, symbol)
    recorded = fired.of_symbol(connection, exchange_id, symbol)
    return Past(since, recorded, fired.recorded_to(connection, exchange_id))


class Rebuilder:
    """Asks the stores about one series at a time."""

    def __init__(self, redis: RedisStore, database: Database, keys: Keys, rules: Sequence[Rule]) -> None:
        self._redis, self._database, self._keys, self._rules = redis, database, keys, rules

    def rebuilt(self, series: Series, memory: Memory | None, record: Mapping[str, Any]) -> tuple[Memory, list[Find]]:
        """The memory once this newest record is judged, and what the rules find on the way.

        ``memory``: what is still known, or None. An alert that is recorded is raised again only where nobody was told
        of it yet: its notice may be lost, too.
        """
        if memory and record["timestamp"] + series.timeframe.ms < memory.time:
            return memory, []
        past = self._database.run(partial(_past, exchange_id=self._keys.exchange_id, symbol=series.symbol))
        known = memory or remembered(series, past)
        known = known.changed(time=max(known.time, past.watched_since or 0))
        told = self._told(series, record) if known.time else [(series, record)]
        known, found = judged(self._rules, known, told)
        settled = {one.id for one in past.recorded if one.settled}
        return known, [find for find in found if find.id not in settled]

    def _told(self, series: Series, record: Mapping[str, Any]) -> list[tuple[Series, Mapping[str, Any]]]:
        trail = self._redis.run(signals.trail(self._keys, series, record["type"]))
        held = self._redis.run(candles.newest(self._keys, series, len(trail))) if trail else []
        return [(series, one) for one in (*before(record, trail, held), record)]


def remembered(series: Series, past: Past) -> Memory:
    """What a series had fired up to a moment before which every alert of its exchange has been recorded.

    Alerts are recorded in the order in which they were found: of what closed well before the newest one all are there.
    """
    if past.recorded_to is None or past.watched_since is None:
        return Memory()
    since = past.recorded_to - FRESH * series.timeframe.ms - SETTLED
    own = [one for one in past.recorded if one.timeframe == series.timeframe and one.close_time <= since]
    own.sort(key=lambda one: one.close_time)
    memory = Memory(time=since)
    for one in own:
        turned = one.label.startswith("reversal")
        key = "reversal" if turned else one.label
        latch = turned or (memory.reversed and not one.label.startswith("level"))
        settled = one.label.removeprefix("stage_") if one.label.startswith("stage_") else memory.settled
        memory = memory.after(key, one.close_time, reversed=latch, settled=settled)
    return memory


def before(record: Mapping[str, Any], trail: Sequence[bytes], held: Sequence[Candle]) -> Iterator[Mapping[str, Any]]:
    """Records of the candles before a record's, as far as rules ask for them, from the drawn points and the candles."""
    points = {at: (value, line) for at, value, line in map(msgspec.json.decode, trail) if at < record["timestamp"]}
    seen = record["validity"]["observed_bars"]
    past = [candle for candle in held if candle.open_time < record["timestamp"]]
    for i, candle in enumerate(past):
        value, line = points.get(candle.open_time, (None, None))
        observed = seen - len(past) + i
        if value is not None and line is not None and observed >= READY_FROM:
            yield {
                **record,
                "timestamp": candle.open_time,
                "close": candle.close,
                "revision": candle.revision,
                "value": {"macdV": value, "signal": line, "histogram": value - line},
                "params": {"stage": stage(value, line)},
                "validity": {"ready": True, "observed_bars": observed},
            }


def judged(
    rules: Sequence[Rule], memory: Memory, told: Sequence[tuple[Series, Mapping[str, Any]]]
) -> tuple[Memory, list[Find]]:
    """The memory after these records, which ascend, and what is found in those after ``memory.time``.

    The newest of the others is what the first of them is held against; one that comes later is still no more than that.
    """
    found: list[Find] = []
    readings = [(now, record) for series, record in told if (now := reading(series.exchange, record))]
    memory = memory.changed(time=0, since=memory.time)
    for number, (now, record) in enumerate(readings):
        memory, finds = step(rules, memory, now, rebased=number == 0)
        found += [Find(one, now, record) for one in finds]
    return memory, found
