"""The health listener: what a process supervisor, Prometheus and people ask, answered from a thread of its own.

The front may be what is down, so that it is not asked. Read-only.
"""

import json
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from livermore.supervision.metrics import walk
from livermore.supervision.node import State
from livermore.supervision.supervisor import Supervisor

STALE_PULSE = 5.0
"""Seconds without a sign of life from the supervisor's thread after which the process counts as dead."""

MOST_CLIENTS = 16

Answer = tuple[HTTPStatus, str, bytes]


class HealthListener:
    """``/livez /readyz /startupz /metrics /supervision/tree``."""

    def __init__(self, supervisor: Supervisor, registry: CollectorRegistry, host: str, port: int) -> None:
        """Bind at once.

        Raises:
            OSError: the port is taken, or the host is not ours.
        """
        self._supervisor, self._registry = supervisor, registry
        self._routes: dict[str, Callable[[], Answer]] = {
            "/livez": self._live,
            "/readyz": self._ready,
            "/startupz": self._booted,
            "/metrics": lambda: (HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(self._registry)),
            "/supervision/tree": lambda: _json(HTTPStatus.OK, self._supervisor.snapshot()),
        }
        self._server = _Server((host, port), _Handler)
        self._server.set_app(self._answer)

    @property
    def address(self) -> str:
        """Where it listens, as host:port."""
        return f"{self._server.server_name}:{self._server.server_port}"

    def start(self) -> None:
        """Serve from now on."""
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        route = self._routes.get(request["PATH_INFO"])
        if route is None:
            status, kind, body = _json(HTTPStatus.NOT_FOUND, {"paths": sorted(self._routes)})
        elif request["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            status, kind, body = _json(HTTPStatus.METHOD_NOT_ALLOWED, {"allow": "GET, HEAD"})
        else:
            status, kind, body = self._safely(route)
        start(f"{status.value} {status.phrase}", [("Content-Type", kind), ("Cache-Control", "no-store")])
        return [body]

    @staticmethod
    def _safely(route: Callable[[], Answer]) -> Answer:
        try:
            return route()
        except TimeoutError as error:
            return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"reason": str(error)})

    def _live(self) -> Answer:
        age = self._supervisor.clock.monotonic() - self._supervisor.pulse
        alive = age < STALE_PULSE
        return _json(_status(alive), {"alive": alive, "pulse_age_seconds": round(age, 3)})

    def _ready(self) -> Answer:
        nodes = [node for _, node in walk(self._supervisor.snapshot()) if node["kind"] == "actor" and node["critical"]]
        missing = {
            node["path"]: {"state": node["state"], "reason": node["last_error"]}
            for node in nodes
            if node["state"] not in {State.UP, State.IDLE}
        }
        return _json(_status(not missing), {"ready": not missing, "not_ready": missing})

    def _booted(self) -> Answer:
        booted = self._supervisor.tree.booted
        return _json(_status(booted), {"booted": booted})


def _status(good: bool) -> HTTPStatus:  # noqa: FBT001 - its whole meaning
    return HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE


def _json(status: HTTPStatus, body: Any) -> Answer:
    return status, "application/json; charset=utf-8", json.dumps(body).encode()


class _Handler(WSGIRequestHandler):
    timeout = 5  # seconds a client may take over its request

    def log_message(self, *arguments: Any) -> None:
        """Say nothing: probes come every few seconds."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[WSGIRequestHandler]) -> None:
        self._places = threading.BoundedSemaphore(MOST_CLIENTS)
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind without asking DNS for this machine's name, as the base class does: that may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve in a new thread, or hang up where too many are being served."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one client."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()
