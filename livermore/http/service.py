"""The service: a front that listens, follows what is written, and says goodbye when it stops."""

import asyncio
from collections.abc import Coroutine, Sequence
from socket import socket
from typing import Any

import structlog

from livermore.errors import Transient
from livermore.http.application import make_application
from livermore.http.channel import Topic
from livermore.http.event_follower import follow_events
from livermore.http.front import Front
from livermore.http.key_follower import follow_keys
from livermore.http.server import Server
from livermore.http.tick_follower import follow_ticks
from livermore.http.usage import write_usage

_log = structlog.get_logger("livermore.http")

TREE = Topic("", "tree")


class Service:
    """``sockets`` are bound and listening already; they outlive the service, so that it can be started anew on them."""

    def __init__(self, front: Front, sockets: Sequence[socket]) -> None:
        self._front, self._sockets = front, sockets
        self._server: Server | None = None

    async def start(self) -> None:
        """Accept connections from now on, whatever the stores do."""
        self._server = Server(make_application(self._front))
        self._server.add_sockets([one.dup() for one in self._sockets])  # Tornado closes what it was given

    async def run(self) -> None:
        """Follow the stores for ever; an error that is not passing ends it."""
        front = self._front
        followers = (follow_events(front), follow_ticks(front), follow_keys(front))
        await _together(*followers, write_usage(front), self._beat(), self._show_tree())

    def quiesce(self) -> None:
        """Take no further connections; those that are open are served as before."""
        if self._server is not None:
            self._server.stop()

    async def close(self) -> None:
        """The planned stop: clients are asked to come back, answers that are under way are waited for a moment."""
        server, self._server = self._server, None
        if server is None:
            return
        server.stop()
        for stream in list(self._front.guests.streams):
            stream.goodbye()
        await self._front.guests.gone(self._front.bounds.goodbye)
        for connection in list(server.open):
            connection.close()
        await server.close_all_connections()
        await self._write_usage()
        await self._front.background.close()

    async def _write_usage(self) -> None:
        try:
            async with asyncio.timeout(self._front.bounds.goodbye):
                await self._front.usage.write()
        except (Transient, TimeoutError) as reason:
            _log.warning("how much keys were used in the last minute is lost", reason=str(reason))

    async def _beat(self) -> None:
        """Tell every client, again and again, how far the events are that it has been sent."""
        while True:
            await asyncio.sleep(self._front.bounds.heartbeat)
            frames = {placed: self._front.heartbeat(placed=placed) for placed in (True, False)}
            for stream in list(self._front.guests.streams):
                stream.say(frames[stream.placed])
            for stream in list(self._front.guests.streams):
                await stream.check()

    async def _show_tree(self) -> None:
        """Show the supervision tree to those who watch it."""
        while True:
            await asyncio.sleep(self._front.bounds.tree)
            if self._front.hub.listened(TREE.kind):
                tree = await self._front.health.tree()
                if tree is not None:
                    self._front.hub.tell(TREE, "tree", tree)


async def _together(*works: Coroutine[Any, Any, None]) -> None:
    """Run works side by side; the error of the first that fails ends them all."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
