"""What one writes first on plain Tornado: a handler that writes bytes, a stream that writes a dict to each client."""

import asyncio
import json
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

from bench.process import serving, told

clients: list["Plain"] = []


class Bare(RequestHandler):
    """Writes the same bytes again and again."""

    def initialize(self, body: bytes) -> None:
        self.body = body

    def get(self) -> None:
        self.write(self.body)


class Plain(WebSocketHandler):
    """Is told everything."""

    def open(self) -> None:
        clients.append(self)

    def on_message(self, message: str | bytes) -> None:
        """Nothing is asked for."""


class Burst(RequestHandler):
    """Tells the events of its body to every client."""

    async def post(self) -> None:
        for event in json.loads(self.request.body):
            for client in clients:
                client.write_message(event)
            await asyncio.sleep(0)


async def serve(facts: dict[str, Any]) -> None:
    routes = [("/", Bare, {"body": facts["body"].encode()}), ("/stream", Plain), ("/burst", Burst)]
    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(Application(routes)).add_sockets(sockets)
    await serving(sockets[0].getsockname()[1])


if __name__ == "__main__":
    asyncio.run(serve(told()))
