"""A listener that is our own client: it resumes by itself, and is taken to another front now and then."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import aclosing

from livermore.client import AsyncClient, ClientError, Event, NotResumed, Snapshot, Stream, TickerChanged
from tests.chaos.listener import CHANNELS


class Follower:
    """As `Listener`. ``connections`` counts how often it was taken somewhere."""

    def __init__(self, ports: Sequence[int], key: str, luck: random.Random) -> None:
        self.ids: list[str] = []
        self.wrong: list[str] = []
        self.connections = 0
        self._ports, self._key, self._luck = ports, key, luck
        self._place: str | None = None
        self._leave = asyncio.Event()

    async def run(self) -> None:
        """Listen, until cancelled."""
        while True:
            url = f"http://127.0.0.1:{self._luck.choice(self._ports)}"
            async with AsyncClient(url, self._key) as client:
                self.connections += 1
                self._leave.clear()
                async with aclosing(client.stream(CHANNELS, resume_from=self._place)) as stream:
                    await self._listen(stream)

    def hang_up(self) -> bool:
        """Give up this stream, to go on with another one from its place."""
        if not self.ids or self._leave.is_set():
            return False
        self._leave.set()
        return True

    async def _listen(self, stream: Stream) -> None:
        leaving = asyncio.ensure_future(self._leave.wait())
        try:
            while not leaving.done():
                told = await self._next(stream, leaving)
                if told is not None:
                    self._take(told)
                self._place = stream.place
        except ClientError as error:
            self.wrong.append(repr(error))
        finally:
            leaving.cancel()

    async def _next(self, stream: Stream, leaving: "asyncio.Future[bool]") -> Event | None:
        """What comes next; None where it is time to leave."""
        coming = asyncio.ensure_future(anext(stream))
        try:
            await asyncio.wait({coming, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not coming.done():
                coming.cancel()
                await asyncio.wait({coming})
        return None if coming.cancelled() else coming.result()

    def _take(self, told: Event) -> None:
        if isinstance(told, NotResumed | Snapshot | TickerChanged):
            self.wrong.append(repr(told))
        else:
            self.ids.append(told.id)
