"""A TCP proxy that misbehaves on demand: one port on loopback in front of one upstream, in a thread of its own."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

Way = Literal["up", "down"]
CHUNK = 64 * 1024
PATIENCE = 10.0
_ABORT = struct.pack("ii", 1, 0)  # no lingering: the close is a reset


@dataclass(frozen=True)
class Conditions:
    """``lost``: the ways on which nothing gets through, nor the end of a connection; it arrives once they are mended.

    ``delay``: seconds each chunk takes; ``rate``: bytes a second (0: no limit); ``slice``: most bytes of one write
    (0: all); ``refuse``: new connections are reset; ``cut_after``: a connection is reset after so many bytes from
    upstream.
    """

    lost: frozenset[Way] = frozenset()
    delay: float = 0.0
    rate: int = 0
    slice: int = 0
    refuse: bool = False
    cut_after: int | None = None


class Link:
    """One client's connection, and ours to upstream on its behalf."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client, self.server = client, server
        self.carried = 0  # bytes from upstream
        self.gone = asyncio.Event()

    def reset(self) -> None:
        """End both halves as a crash would."""
        for writer in (self.client, self.server):
            abort(writer)

    def close(self) -> None:
        """End both halves in good order, once what was written has left."""
        for writer in (self.client, self.server):
            writer.close()


class Proxy:
    """Started by ``with``. Its methods may be called from any thread, and have done their work when they return."""

    def __init__(self, upstream: tuple[str, int] | Path) -> None:
        """``upstream``: host and port, or a Unix socket."""
        self._upstream = upstream
        self._conditions = Conditions()
        self._links: set[Link] = set()
        self.accepted = 0
        self.port = 0

    def __enter__(self) -> "Proxy":
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(ready)), name="proxy", daemon=True)
        self._thread.start()
        assert ready.wait(PATIENCE), "the proxy does not listen"
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self._do(self._end.set)
            self._thread.join(PATIENCE)

    # -- what can be asked of it

    def set(self, **changes: Any) -> None:
        """Change some of the `Conditions`."""
        self._do(lambda: self._become(replace(self._conditions, **changes)))

    def heal(self) -> None:
        """Let everything pass again."""
        self._do(lambda: self._become(Conditions()))

    def reset_all(self) -> None:
        """Every connection ends with RST."""
        self._do(lambda: [link.reset() for link in self._links])

    def close_all(self) -> None:
        """Every connection ends with FIN."""
        self._do(lambda: [link.close() for link in self._links])

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._links)

    # -- inside its thread

    def _do(self, what: Callable[[], object]) -> None:
        async def done() -> None:
            what()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE)

    def _become(self, conditions: Conditions) -> None:
        self._conditions = conditions
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _main(self, ready: threading.Event) -> None:
        self._loop, self._end, self._changed = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._end.wait()
        server.close()
        self._become(Conditions())
        links = list(self._links)
        for link in links:
            link.reset()
        await asyncio.gather(*(link.gone.wait() for link in links))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self._conditions.refuse:
            abort(writer)
            return
        try:
            from_upstream, upstream = await self._reach()
        except OSError:
            abort(writer)
            return
        link = Link(writer, upstream)
        self._links.add(link)
        try:
            with suppress(OSError):
                await asyncio.gather(
                    self._pump(link, reader, upstream, "up"), self._pump(link, from_upstream, writer, "down")
                )
        finally:
            self._links.discard(link)
            link.close()
            link.gone.set()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, Path):
            return await asyncio.open_unix_connection(self._upstream)
        return await asyncio.open_connection(*self._upstream)

    async def _pump(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
        while data := await reader.read(CHUNK):
            await asyncio.sleep(self._conditions.delay)
            await self._passable(way)
            await self._carry(link, data, writer, way)
        await self._passable(way)
        if not writer.is_closing():
            writer.write_eof()

    async def _passable(self, way: Way) -> None:
        while way in self._conditions.lost:
            await self._changed.wait()

    async def _carry(self, link: Link, data: bytes, writer: asyncio.StreamWriter, way: Way) -> None:
        limit = self._conditions.cut_after if way == "down" else None
        left = len(data) if limit is None else max(0, limit - link.carried)
        for piece in _pieces(data[:left], self._conditions.slice):
            await self._passable(way)
            writer.write(piece)
            await writer.drain()
            if self._conditions.rate:
                await asyncio.sleep(len(piece) / self._conditions.rate)
        if way == "down":
            link.carried += len(data)
        if left < len(data):
            link.reset()


def abort(writer: asyncio.StreamWriter) -> None:
    """Close with RST. A writer that is closed already stays so."""
    if not writer.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    writer.transport.abort()


def _pieces(data: bytes, most: int) -> list[bytes]:
    return [data[i : i + most] for i in range(0, len(data), most)] if most else [data]
