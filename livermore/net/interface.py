"""What the rest of the program sees of the network; tests have one of their own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


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

    async def get(
        self, url: str, query: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> Response: ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Response:
        """Redirects are not followed. ``private``: whether addresses count that are not of the Internet at large."""

    def close(self) -> None: ...
