"""What a world's stores hold, beside what its exchange really traded."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from livermore.market.alert import PublicAlert
from livermore.market.candle import Candle, Series, from_json, to_json
from livermore.market.timeframe import Timeframe
from livermore.store import alert_history, candles, events
from livermore.store.events import Event
from livermore.store.redis import RedisStore
from livermore.store.sql import Database
from tests.support.world import World

ALL = 1_000_000


class Fault(NamedTuple):
    """A candle that is not as it should be."""

    kind: str
    series: str
    open_time: int


class Ledger:
    """Reads everything at the moment it is made."""

    def __init__(self, world: World) -> None:
        self.world = world
        store, database = RedisStore(world.redis), Database(world.database)
        keys = world.keys
        self.series = [Series(world.dialect.name, symbol, tf) for symbol, tf in product(world.symbols, Timeframe)]
        self.cursors = store.run(candles.cursors(keys))
        self.candles = {s: store.run(candles.newest(keys, s, ALL)) for s in self.series}
        self.events: list[Event] = store.run(events.after(keys, events.START, ALL))
        wanted = alert_history.Filter(world.dialect.name)
        self.alerts: list[PublicAlert] = [
            alert for _, alert in database.run(lambda c: alert_history.page(c, wanted, ALL))
        ]
        store.close()
        database.close()

    def faults(self) -> list[Fault]:
        """Closed candles that are missing, wrong, invented or stored twice, and series that are not up to date."""
        return [fault for series in self.series for fault in self._faults(series)]

    def _faults(self, series: Series) -> Iterator[Fault]:
        name, cursor = str(series), self.cursors.get(str(series))
        over = series.timeframe.last_closed(self.world.clock.now() - 5_000)
        if cursor is None or cursor.through < over:
            yield Fault("behind", name, over)
            return
        truth = self.world.truth(series.symbol, series.timeframe, cursor.since, cursor.through)
        wanted = {c.open_time: _contents(c) for c in truth}
        held = [c for c in self.candles[series] if cursor.since <= c.open_time <= cursor.through]
        counts = Counter(c.open_time for c in held)
        yield from (Fault("double", name, at) for at, n in counts.items() if n > 1)
        yield from (Fault("missing", name, at) for at in wanted.keys() - counts.keys())
        yield from (Fault("invented", name, at) for at in counts.keys() - wanted.keys())
        yield from (
            Fault("wrong", name, c.open_time) for c in held if wanted.get(c.open_time, "") not in {"", _contents(c)}
        )

    def told(self, kind: str) -> Counter[tuple[str, int]]:
        """How often each candle was told by events of a kind: (series, open time in ms)."""
        return Counter((e.series, from_json(e.data).open_time) for e in self.events if e.kind == kind)

    def signals(self) -> Counter[tuple[str, str]]:
        """How often a signal of each candle was told: (series, timestamp)."""
        found: Counter[tuple[str, str]] = Counter()
        for event in self.events:
            if event.kind == "trade_signal":
                found[event.series, event.data.partition(b'"timestamp":"')[2][:24].decode()] += 1
        return found

    def alert_ids(self) -> Counter[str]:
        """How often each alert was told on the stream."""
        marker = b'"id":"'
        return Counter(e.data.partition(marker)[2][:32].decode() for e in self.events if e.kind == "alert")

    def bytes(self) -> list[Any]:
        """All that was stored and told, without the ids of the stream, which a server makes up."""
        lines = [to_json(c) for s in self.series for c in self.candles[s]]
        return [lines, [event[1:] for event in self.events], self.alerts, self.world.notices, self.world.state_notices]


def _contents(candle: Candle) -> str:
    return f"{candle.open} {candle.high} {candle.low} {candle.close} {candle.volume}"
