"""The network by Tornado: one client for each event loop, every wait bounded."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlencode, urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.iostream import UnsatisfiableReadError
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketError, websocket_connect

from livermore.errors import Transient
from livermore.net.addresses import PublicResolver
from livermore.net.interface import Response

CONNECT_TIMEOUT = 5.0
REQUEST_TIMEOUT = 10.0
SILENCE = 30.0
"""Seconds without a frame after which a WebSocket counts as dead."""
LARGEST = 16 * 1024 * 1024
LARGEST_REPLY = 256 * 1024
"""Bytes of an answer to what is posted: it only says what became of it."""
_FAILURES = (OSError, HTTPClientError, UnsatisfiableReadError, WebSocketError, ValueError, KeyError)
"""How Tornado says that a host cannot be reached or does not speak as it should, or that a URL leads nowhere."""


class TornadoWebSocket:
    """An open WebSocket."""

    def __init__(self, url: str, socket: WebSocketClientConnection) -> None:
        self._url, self._socket = url, socket

    async def send(self, text: str) -> None:
        try:
            await self._socket.write_message(text)
        except WebSocketClosedError as error:
            raise Transient(f"{_host(self._url)} has closed the connection") from error

    async def frames(self) -> AsyncIterator[str | bytes]:
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    frame = await self._socket.read_message()
            except TimeoutError as error:
                raise Transient(f"{_host(self._url)} has been silent for {SILENCE:g} s", retry_after=0) from error
            if frame is None:
                return
            yield frame


class TornadoNetwork:
    """`livermore.resources.Network` over real sockets. To be made inside the event loop that uses it."""

    def __init__(self) -> None:
        self._client = AsyncHTTPClient(force_instance=True, max_body_size=LARGEST)
        self._private = _poster()
        self._public = _poster(PublicResolver())

    @asynccontextmanager
    async def websocket(self, url: str) -> AsyncIterator[TornadoWebSocket]:
        request = HTTPRequest(url, connect_timeout=CONNECT_TIMEOUT, request_timeout=REQUEST_TIMEOUT)
        try:
            socket = await websocket_connect(request, ping_interval=20, ping_timeout=20, max_message_size=LARGEST)
        except _FAILURES as error:
            raise _unreachable(url, error) from error
        try:
            yield TornadoWebSocket(url, socket)
        finally:
            socket.close()

    async def get(
        self, url: str, query: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> Response:
        full = f"{url}?{urlencode(query)}" if query else url
        return await self._fetch(HTTPRequest(full, headers={**_headers(), **(headers or {})}))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Response:
        request = HTTPRequest(url, method="POST", headers={**_headers(), **headers}, body=body, follow_redirects=False)
        return await self._fetch(request, self._private if private else self._public)

    async def _fetch(self, request: HTTPRequest, client: AsyncHTTPClient | None = None) -> Response:
        request.connect_timeout, request.request_timeout = CONNECT_TIMEOUT, REQUEST_TIMEOUT
        try:
            answer = await (client or self._client).fetch(request, raise_error=False)
        except _FAILURES as error:
            raise _unreachable(request.url, error) from error
        if answer.code == 599:
            raise Transient(f"{_host(request.url)} cannot be reached: {answer.error}")
        return Response(answer.code, {k.lower(): v for k, v in answer.headers.get_all()}, answer.body)

    def close(self) -> None:
        """Let go of the clients."""
        for client in (self._client, self._private, self._public):
            client.close()


def _poster(resolver: PublicResolver | None = None) -> SimpleAsyncHTTPClient:
    return SimpleAsyncHTTPClient(force_instance=True, max_body_size=LARGEST_REPLY, resolver=resolver)


def _headers() -> dict[str, str]:
    return {"User-Agent": "Livermore", "Accept": "application/json"}


def _unreachable(url: str, error: Exception) -> Transient:
    why = "a URL that cannot be used" if isinstance(error, ValueError | KeyError) else error  # theirs would say the URL
    return Transient(f"{_host(url)} cannot be reached: {why}")


def _host(url: str) -> str:
    """The only part of a URL that is for logs: a webhook's path is a secret."""
    return urlsplit(url).hostname or "the host"
