"""What the composition root hands to every actor: where the stores are, and how to reach the network."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.sql import Database


@dataclass(frozen=True)
class Response:
    """An HTTP answer: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection(Protocol):
    """An open WebSocket."""

    async def send(self, text: str) -> None: ...

    def frames(self) -> AsyncIterator[str | bytes]:
        """Everything that arrives, until the other side hangs up.

        Raises:
            Transient: nothing has arrived for too long.
        """


class Network(Protocol):
    """How to reach other hosts. All waits are bounded; what cannot be reached raises `Transient`."""

    def websocket(self, url: str) -> AbstractAsyncContextManager[Connection]: ...

    async def get(self, url: str, query: Sequence[tuple[str, str]] = ()) -> Response: ...

    async def post(self, url: str, body: Mapping[str, Any]) -> Response: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Resources:
    """Each actor opens its own connections, and keeps them for as long as it lives."""

    name: str
    """Of the tree that runs here."""
    redis: Callable[[], RedisStore]
    async_redis: Callable[[float], AsyncRedisStore]
    """Takes the longest wait (seconds) that a blocking command will ask for."""
    database: Callable[[], Database]
    network: Callable[[], Network]
    sockets: Mapping[str, Any]
    """Listening sockets by the path of the actor they are held for."""
    tree: Callable[[], Mapping[str, Any]]
    """A snapshot of the supervision tree as plain data."""


@dataclass(frozen=True)
class Duty:
    """What a pipeline is started with, under the argument `duty`: the right to write, and how many candles to keep."""

    lease: Lease
    history: int
