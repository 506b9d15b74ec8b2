"""The simulated exchange on a real port: WebSocket, REST and the webhooks of a Discord, all on one."""

import asyncio
import socket
import ssl
from collections.abc import Collection
from typing import Any, Protocol

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from livermore.simulator.feed_socket import LARGEST as LARGEST_FRAME
from livermore.simulator.feed_socket import FeedSocket
from livermore.simulator.handlers import WebhookHandler
from livermore.simulator.tls import Certificates
from livermore.simulator.webhooks import LARGEST_REQUEST, WebhookSink

WEBHOOK = "/api/webhooks/1/demo"
"""A webhook to post to; any other ``/api/webhooks/{id}/{token}`` does as well."""

_FAREWELL = 1.0

Route = tuple[str, type[RequestHandler], dict[str, Any]]
"""A path, its handler, and what that is initialized with."""


class Exchange(Protocol):
    """What is particular to one exchange; ``websocket_path``: the path of its feed."""

    @property
    def websocket_path(self) -> str: ...

    def routes(self, connected: set[FeedSocket]) -> list[Route]:
        """Its paths; each connection puts itself into ``connected``."""


class SimulatorServer:
    """To be started and stopped inside the event loop that serves."""

    def __init__(self, exchange: Exchange, certificates: Certificates | None = None) -> None:
        """``certificates``: to serve TLS."""
        self._connected: set[FeedSocket] = set()
        webhooks: Route = (r"/api/webhooks/([^/]+/[^/]+)", WebhookHandler, {"sink": WebhookSink()})
        application = Application(
            [webhooks, *exchange.routes(self._connected)],
            websocket_max_message_size=LARGEST_FRAME,
            log_function=_say_nothing,
        )
        options = None if certificates is None else _tls(certificates)
        self._server = HTTPServer(application, ssl_options=options, max_body_size=LARGEST_REQUEST)
        self._scheme = "" if certificates is None else "s"
        self._place, self._path = "", exchange.websocket_path

    def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; port 0 takes a free one.

        Returns:
            The port.

        Raises:
            OSError: the port is taken, or the host is not this one.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
        listening.settimeout(0)
        self._server.add_socket(listening)
        bound: int = listening.getsockname()[1]
        self._place = f"[{host}]:{bound}" if ":" in host else f"{host}:{bound}"
        return bound

    @property
    def urls(self) -> dict[str, str]:
        """``websocket_url``, ``rest_url`` and ``webhook_url``, once it listens."""
        feed = f"ws{self._scheme}://{self._place}{self._path}"
        rest = f"http{self._scheme}://{self._place}"
        return {"websocket_url": feed, "rest_url": rest, "webhook_url": rest + WEBHOOK}

    async def stop(self) -> None:
        """Stop listening and take leave of every client; one that does not answer within a second is cut off."""
        self._server.stop()
        for client in list(self._connected):
            client.close(1001, "going away")
        await _all_gone(self._connected)
        for client in list(self._connected):
            client.cut_off()
        await _all_gone(self._connected)
        await self._server.close_all_connections()


async def _all_gone(clients: Collection[FeedSocket]) -> None:
    leaving = [asyncio.create_task(client.gone.wait()) for client in clients]
    if leaving:
        _, staying = await asyncio.wait(leaving, timeout=_FAREWELL)
        for task in staying:
            task.cancel()


def _tls(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.certificate, certificates.key)
    return context


def _say_nothing(_: object) -> None:
    """Requests are not logged: the one who asks knows."""
