"""The server: Tornado's, with bounds on everything a stranger can make large or slow, and no bare answers."""

import resource
import secrets
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPInputError
from tornado.iostream import IOStream, UnsatisfiableReadError

from livermore.http.answer import of_refusal
from livermore.http.refusal import Refusal, plain

BOUNDS: dict[str, Any] = {
    "max_body_size": 65_536,
    "max_header_size": 16_384,
    "idle_connection_timeout": 30,
    "body_timeout": 10,
    "decompress_request": False,
    "xheaders": False,
}
MOST_CONNECTIONS = 4_000
SPARE_FILES = 100
"""Files that stay free for everything but clients."""

_BARE = b"HTTP/1.1 400 Bad Request\r\n\r\n"
"""What Tornado writes where a request cannot even be parsed."""


class Stream(IOStream):
    """A connection that puts into our envelope what Tornado would say without one, or not at all."""

    def __init__(self, *arguments: Any, gone: "Callable[[Stream], None]", **named: Any) -> None:
        self._gone = gone
        super().__init__(*arguments, **named)

    def write(self, data: bytes | memoryview) -> Any:
        """As the base class."""
        return super().write(_in_full(_fault(sys.exception())) if data == _BARE else data)

    def close(self, exc_info: Any = False) -> None:  # noqa: FBT002 - the base class's signature
        """As the base class; says why where the headers do not fit."""
        if isinstance(exc_info, UnsatisfiableReadError) and not self.closed():
            super().write(_in_full(plain(431)))
        super().close(exc_info)

    def close_fd(self) -> None:
        """As the base class, and tell."""
        super().close_fd()
        self._gone(self)


class Server(HTTPServer):
    """Serves at most ``most`` connections; further ones are told to come back later."""

    def initialize(self, *arguments: Any, **named: Any) -> None:
        """As the base class, with our bounds."""
        self.open: set[Stream] = set()
        self.most = min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES)
        super().initialize(*arguments, **(named | BOUNDS))

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a new connection, or turn it away."""
        ours = Stream(stream.socket, gone=self.open.discard, max_buffer_size=2 * BOUNDS["max_body_size"])
        self.open.add(ours)
        if len(self.open) > self.most:
            ours.write(_in_full(Refusal(503, "Too many connections", headers={"Retry-After": "1"})))
            ours.close()
            return
        super().handle_stream(ours, address)


def _fault(error: BaseException | None) -> Refusal:
    """Tornado tells apart only in words what has statuses of its own."""
    large = isinstance(error, HTTPInputError) and ("too long" in str(error) or "too large" in str(error))
    return plain(413 if large else 400)


def _in_full(refusal: Refusal) -> bytes:
    request_id = secrets.token_hex(16)
    answer = of_refusal(refusal, request_id)
    headers = {
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body)),
        "Connection": "close",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-ID": request_id,
        **answer.headers,
    }
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body
