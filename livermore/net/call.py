"""A call: one WebSocket connection to an exchange, from its subscriptions to its end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from livermore.net.interface import Connection, Network

Take = Callable[[str | bytes], Awaitable[None]]
"""What is done with each frame."""
ANSWERED_WITHIN = 10.0
"""Seconds in which a new connection has to say something before it takes the place of another one."""


class Call:
    """To be opened once; everything that is said on it goes to ``take``."""

    def __init__(self, network: Network, url: str, take: Take, per_second: float) -> None:
        """``per_second``: how many messages the exchange allows us."""
        self._network, self._url, self._take = network, url, take
        self._burst = max(1, int(per_second))
        self._connection: Connection | None = None
        self._connected, self._said = asyncio.Event(), asyncio.Event()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails with what the connection failed with."""

    async def open(self, messages: Sequence[str]) -> None:
        """Connect, and say what there is to say.

        Raises:
            Transient: the exchange cannot be reached.
        """
        self.ended = asyncio.ensure_future(self._listen())
        waiting = asyncio.ensure_future(self._connected.wait())
        try:
            await asyncio.wait({self.ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self.ended.done():
            self.ended.result()
        await self.send(messages)

    async def send(self, messages: Sequence[str]) -> None:
        """Say something, no faster than the exchange allows."""
        for i, message in enumerate(messages, 1):
            if self._connection is not None:
                await self._connection.send(message)
            if i % self._burst == 0 and i < len(messages):
                await asyncio.sleep(1)

    async def answered(self) -> None:
        """Wait until something has been said since it was last asked, or for so long that it need not be waited for."""
        self._said.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWERED_WITHIN):
                await self._said.wait()

    async def close(self) -> None:
        """Hang up; a failure that nobody has asked for is of no interest any more."""
        self.ended.cancel()
        await asyncio.gather(self.ended, return_exceptions=True)

    async def _listen(self) -> None:
        async with self._network.websocket(self._url) as connection:
            self._connection = connection
            self._connected.set()
            async for data in connection.frames():
                await self._take(data)
                self._said.set()
