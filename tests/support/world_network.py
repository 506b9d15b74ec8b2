"""The network of a virtual world: WebSocket and REST to the simulated exchange in memory, through the weather."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from livermore.errors import Transient
from livermore.net.interface import Response
from livermore.net.network import REQUEST_TIMEOUT, SILENCE
from tests.support.notices import tells_of_an_alert

if TYPE_CHECKING:
    from tests.support.world import World

TRIP = 0.025
"""Seconds from us to the exchange."""


class WorldConnection:
    """A WebSocket to the simulated exchange."""

    def __init__(self, world: "World", number: int) -> None:
        self._world, self.number = world, number
        self._session = world.dialect.session(world.market, world.clock.now())
        self._epoch = world.epoch
        self._shift = 0  # of sequence numbers, where the weather has changed what is sent
        self._restarting = False
        self._on_the_way: list[tuple[float, int, str | bytes]] = []
        self._carried = 0
        self._last = world.loop.time()  # when anything arrived

    async def send(self, text: str) -> None:
        if self._world.weather.hears(self.number, text):
            self._dispatch(self._session.receive(text, self._world.clock.now()))

    async def frames(self) -> AsyncIterator[str | bytes]:
        while True:
            over = self._is_over()
            if not over:
                self._dispatch(self._session.advance(self._world.clock.now()))
            for text in self._arrived():
                yield text
            if over and self._world.weather.closes(self.number):
                return
            await asyncio.sleep(self._pause())
            if self._world.loop.time() - self._last >= SILENCE:
                raise Transient(f"the exchange has been silent for {SILENCE:g} s", retry_after=0)

    def restart_numbers(self) -> None:
        """The exchange counts this connection's frames anew from the next one on."""
        self._restarting = True

    def lose(self) -> None:
        """What is on the way never arrives."""
        self._on_the_way.clear()

    def _is_over(self) -> bool:
        return self._session.closed is not None or self._world.epoch != self._epoch

    def _dispatch(self, frames: Sequence[str]) -> None:
        """Put what the exchange sends on its way."""
        weather = self._world.weather
        for frame in frames:
            sent, number = weather.sends(self.number, frame), self._world.dialect.number(frame)
            if self._restarting and number is not None:
                self._shift, self._restarting = -number, False
            for i, text in enumerate(sent):
                for arrival in weather.carries(self.number, self._numbered(text, i)):
                    self._carried += 1
                    heappush(self._on_the_way, (self._world.loop.time() + arrival.delay, self._carried, arrival.text))
            if number is not None:
                self._shift += len(sent) - 1

    def _numbered(self, text: str, ahead: int) -> str:
        shift = self._shift + ahead
        return self._world.dialect.renumbered(text, shift) if shift else text

    def _arrived(self) -> list[str | bytes]:
        now, found = self._world.loop.time(), []
        while self._on_the_way and self._on_the_way[0][0] <= now:
            found.append(heappop(self._on_the_way)[2])
            self._last = now
        return found

    def _pause(self) -> float:
        """Until something falls due, or it is time to look."""
        due, now = self._session.next_due(), self._world.loop.time()
        pauses = [1.0, *([self._on_the_way[0][0] - now] if self._on_the_way else [])]
        if due is not None and not self._is_over():
            pauses.append((due - self._world.clock.now()) / 1000)
        return max(0.001, min(pauses))


class WorldNetwork:
    """What stands for `livermore.net.network.TornadoNetwork`."""

    def __init__(self, world: "World") -> None:
        self._world = world

    @asynccontextmanager
    async def websocket(self, url: str) -> AsyncIterator[WorldConnection]:
        self._world.weather.reach()
        connection = self._world.connect()
        try:
            yield connection
        finally:
            self._world.connections.discard(connection)

    async def get(
        self, url: str, query: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> Response:
        await asyncio.sleep(TRIP)
        self._world.weather.reach()
        place = urlsplit(url)
        sent = {name.lower(): value for name, value in (headers or {}).items()} | {"host": place.netloc}
        answer = self._world.ask(place.path, dict(query), sent)
        lag = self._world.weather.lag()
        await asyncio.sleep(min(TRIP + lag, REQUEST_TIMEOUT))
        if lag >= REQUEST_TIMEOUT:
            raise Transient(f"the exchange has not answered within {REQUEST_TIMEOUT:g} s")
        return answer

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Response:
        assert private, "the world's Discord is on this machine"
        await asyncio.sleep(2 * TRIP)
        answer = self._world.weather.posts()
        if answer.status < 300:
            notice = json.loads(body)
            told = self._world.notices if tells_of_an_alert(notice) else self._world.state_notices
            told.append(notice)
            self._world.weather.posted()
        return answer

    def close(self) -> None:
        """Nothing was opened."""
