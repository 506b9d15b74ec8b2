"""A small real server on the loopback, and one event loop for it and for its client."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

from livermore.net.network import TornadoNetwork

T = TypeVar("T")


class Say(RequestHandler):
    """Answers as it is told to by its query: ``status``, ``body``; and with what it was asked."""

    def get(self) -> None:
        self.set_status(int(self.get_query_argument("status", "200")))
        self.set_header("X-Mixed-Case", "Yes")
        self.set_header("Asked-By", self.request.headers["User-Agent"])
        self.set_header("Asked-With", self.request.query)
        if self.get_status() != 204:
            self.finish(self.get_query_argument("body", "said"))

    def post(self) -> None:
        self.set_status(int(self.get_query_argument("status", "200")))
        self.set_header("Posted-As", self.request.headers["Content-Type"])
        self.finish(self.request.body)


class Redirect(RequestHandler):
    """Sends everybody elsewhere."""

    def get(self) -> None:
        self.redirect(self.get_query_argument("to", "/say?body=elsewhere"))

    def post(self) -> None:
        self.server.posted += 1
        self.redirect("/say?body=elsewhere")

    @property
    def server(self) -> "Server":
        made: Server = self.settings["server"]
        return made


class Large(RequestHandler):
    """A body of so many bytes: of a length that is told, or in pieces, or squeezed."""

    async def get(self, size: str, how: str) -> None:
        body = b"x" * int(size)
        if how == "squeezed":
            import gzip

            body = gzip.compress(body)
            self.set_header("Content-Encoding", "gzip")
        if how == "pieces":
            for i in range(0, len(body), 100):
                self.write(body[i : i + 100])
                await self.flush()
        else:
            self.finish(body)


class Socket(WebSocketHandler):
    """A WebSocket that does what it is told: each message is an order."""

    def open(self) -> None:
        self.settings["server"].opened += 1

    def on_message(self, message: str | bytes) -> None:
        order, _, rest = str(message).partition(" ")
        if order == "say":
            self.write_message(rest)
        elif order == "bytes":
            self.write_message(rest.encode(), binary=True)
        elif order == "large":
            self.write_message("x" * int(rest))
        elif order == "close":
            self.close(1001, "restart")
        elif order == "cut":
            self.ws_connection.stream.close()

    def on_close(self) -> None:
        self.settings["server"].closed += 1


class Server:
    """The server: counts what happens to it."""

    def __init__(self) -> None:
        self.posted = self.opened = self.closed = 0
        routes: list[Any] = [
            ("/say", Say),
            ("/redirect", Redirect),
            (r"/large/(\d+)/(\w+)", Large),
            ("/socket", Socket),
        ]
        self.http = HTTPServer(Application(routes, server=self, log_function=lambda _: None))
        (listening,) = bind_sockets(0, "127.0.0.1")
        self.port = listening.getsockname()[1]
        self.http.add_socket(listening)

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"


class World:
    """Server and client in one event loop."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.server, self.network = runner.run(self._made())

    async def _made(self) -> tuple[Server, TornadoNetwork]:
        return Server(), TornadoNetwork()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def close(self) -> None:
        self.network.close()
        self.server.http.stop()
        await self.server.http.close_all_connections()


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all coroutines of a test."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture
def world(runner: asyncio.Runner) -> Iterator[World]:
    made = World(runner)
    yield made
    runner.run(made.close())
