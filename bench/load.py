"""A crowd of HTTP clients, each of which asks again as soon as it has been answered."""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
GOOD = b"HTTP/1.1 200 "


class Load:
    """``connections`` to the same server, which are kept; every one sends the same request."""

    def __init__(self, port: int, path: str, headers: Sequence[str] = (), connections: int = 32) -> None:
        lines = [f"GET {path} HTTP/1.1", "Host: bench", *headers, "", ""]
        self.request = "\r\n".join(lines).encode()
        self._runner = asyncio.Runner()
        self._clients = [self._runner.run(self._client(port)) for _ in range(connections)]

    async def _client(self, port: int) -> "_Client":
        _, client = await asyncio.get_running_loop().create_connection(lambda: _Client(self.request), "127.0.0.1", port)
        return client

    def ask(self, times: int) -> list[float]:
        """So many requests; how long each took, in seconds."""
        return self._runner.run(self._ask(times))

    async def _ask(self, times: int) -> list[float]:
        left = iter(range(times))
        found = await asyncio.gather(*(client.ask(left) for client in self._clients))
        return [took for one in found for took in one]

    def end(self) -> None:
        """Hang up."""
        for client in self._clients:
            client.transport.close()
        self._runner.close()


class _Client(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self._request, self._held, self._size = request, b"", 0
        self._left: Iterator[int] = iter(())
        self._took: list[float] = []
        self._done: asyncio.Future[list[float]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    async def ask(self, left: Iterator[int]) -> list[float]:
        """Ask again and again, as long as there is anything left that nobody has taken."""
        self._left, self._took = left, []
        self._done = asyncio.get_running_loop().create_future()
        self._next()
        return await self._done

    def _next(self) -> None:
        if next(self._left, None) is None:
            self._end(None)
            return
        self._asked = time.perf_counter()
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._size and (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._held[: end + 2])
            if not self._held.startswith(GOOD) or length is None:
                self._end(RuntimeError(f"expected an answer, found {self._held[:400]!r}"))
                return
            self._size = end + 4 + int(length[1])
        if self._size and len(self._held) >= self._size:
            self._took.append(time.perf_counter() - self._asked)
            self._held, self._size = b"", 0
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("the server has hung up"))

    def _end(self, error: Exception | None) -> None:
        if self._done is None or self._done.done():
            return
        if error is None:
            self._done.set_result(self._took)
        else:
            self._done.set_exception(error)
