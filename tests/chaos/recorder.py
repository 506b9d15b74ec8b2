"""The recorder of a night: what was told and asked, with the moments of the exchange's clock at which it was."""

from typing import NamedTuple

from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.net.interface import Response
from livermore.simulator.request import Request
from livermore.store import candles, events
from livermore.store.events import Event
from livermore.store.redis import RedisStore
from tests.support.weather import Weather
from tests.support.world import World

MANY = 100_000


class Told(NamedTuple):
    """An event, and when it was appended (ms)."""

    at: int
    event: Event


class Recorder(Weather):
    """It is part of the weather in which it sees every request, and changes nothing."""

    def __init__(self, world: World) -> None:
        self.told: list[Told] = []
        self.asked_at: list[int] = []
        self.ahead: set[tuple[Series, int]] = set()
        """Buckets (open times in ms) that a cursor has passed although they were traded in and not stored."""
        self.gave_up: list[str] = []
        """Why our process has ended by itself."""
        self._world, self._store, self._last = world, RedisStore(world.redis), events.START
        self._seen: dict[Series, int] = {}
        world.written = self.look

    def asked(self, request: Request) -> Response | None:
        self.asked_at.append(request.now)
        return None

    def look(self) -> None:
        """Note what has been told since the last look."""
        found = self._store.run(events.after(self._world.keys, self._last, MANY))
        if found:
            self._last = found[-1].id
            self.told += [Told(self._world.clock.now(), event) for event in found]

    def look_at_cursors(self) -> None:
        """Note where a cursor has run ahead of what is stored."""
        keys = self._world.keys
        for name, cursor in self._store.run(candles.cursors(keys)).items():
            symbol, _, timeframe = name.rpartition(":")
            series = Series(self._world.dialect.name, symbol, Timeframe(timeframe))
            first = max(self._seen.get(series, 0) + series.timeframe.ms, cursor.since)
            if cursor.through < first:
                continue
            self._seen[series] = cursor.through
            held = {c.open_time for c in self._store.run(candles.between(keys, series, first, cursor.through))}
            truth = self._world.truth(symbol, series.timeframe, first, cursor.through)
            self.ahead |= {(series, c.open_time) for c in truth if c.open_time not in held}

    def close(self) -> None:
        """Give the connection back."""
        self._store.close()
