"""The health listener: what a process supervisor, Prometheus and people ask, answered from a thread of its own.

The front may be what is down, so that it is not asked.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, NamedTuple, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from livermore.supervision.metrics import walk
from livermore.supervision.state import State
from livermore.supervision.supervisor import Supervisor

STALE_PULSE = 5.0
"""Seconds without a sign of life from the supervisor's thread after which the process counts as dead."""

MOST_CLIENTS = 16

AS_MEANT = frozenset({State.UP, State.IDLE, State.DONE, State.DISABLED})
WELL = {"actor": AS_MEANT, "supervisor": AS_MEANT | {State.STARTING, State.STOPPING}}
"""States in which a node does not keep the process from being ready; of a supervisor that starts its actors speak."""

Answer = tuple[HTTPStatus, str, bytes]


class Asked(NamedTuple):
    """A request; names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


Handler = Callable[[Asked], Answer]


@dataclass(frozen=True)
class Route:
    """``handlers``: by method; ``largest``: bytes of a body."""

    handlers: Mapping[str, Handler]
    largest: int = 0
    allowed: str = field(init=False)

    def __post_init__(self) -> None:
        with_head = ["HEAD"] if "GET" in self.handlers else []
        object.__setattr__(self, "allowed", ", ".join([*self.handlers, *with_head]))

    def handler(self, method: str) -> Handler | None:
        """Who answers such a request."""
        return self.handlers.get("GET" if method == "HEAD" else method)


class Metrics(Protocol):
    """What a scrape is answered."""

    def text(self) -> bytes:
        """In Prometheus's text format."""


class HealthListener:
    """``/livez /readyz /startupz /metrics /supervision/tree``, and what it is given beyond these."""

    def __init__(
        self, supervisor: Supervisor, metrics: Metrics, host: str, port: int, more: Mapping[str, Route] | None = None
    ) -> None:
        """Bind at once.

        Raises:
            OSError: the port is taken, or the host is not ours.
        """
        self._supervisor, self._metrics = supervisor, metrics
        gets: dict[str, Callable[[], Answer]] = {
            "/livez": self._live,
            "/readyz": self._ready,
            "/startupz": self._booted,
            "/metrics": lambda: (HTTPStatus.OK, CONTENT_TYPE_PLAIN_0_0_4, self._metrics.text()),
            "/supervision/tree": lambda: as_json(HTTPStatus.OK, self._supervisor.snapshot()),
        }
        self._routes = {path: Route({"GET": _without_asking(get)}) for path, get in gets.items()} | dict(more or {})
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
        headers = [("Cache-Control", "no-store")]
        if route is None:
            status, kind, body = as_json(HTTPStatus.NOT_FOUND, {"paths": sorted(self._routes)})
        elif (handler := route.handler(request["REQUEST_METHOD"])) is None:
            headers.append(("Allow", route.allowed))
            status, kind, body = as_json(HTTPStatus.METHOD_NOT_ALLOWED, {"allow": route.allowed})
        else:
            status, kind, body = _safely(handler, request, route.largest)
        start(f"{status.value} {status.phrase}", [("Content-Type", kind), *headers])
        return [body]

    def _live(self) -> Answer:
        age = self._supervisor.clock.monotonic() - self._supervisor.pulse
        alive = age < STALE_PULSE
        return as_json(_status(alive), {"alive": alive, "pulse_age_seconds": round(age, 3)})

    def _ready(self) -> Answer:
        missing = {
            node["path"]: {"state": node["state"], "reason": node["last_error"]}
            for _, node in walk(self._supervisor.snapshot())
            if node["critical"] and node["state"] not in WELL[node["kind"]]
        }
        return as_json(_status(not missing), {"ready": not missing, "not_ready": missing})

    def _booted(self) -> Answer:
        booted = self._supervisor.tree.booted
        return as_json(_status(booted), {"booted": booted})


def as_json(status: HTTPStatus, body: Any) -> Answer:
    """An answer in JSON."""
    return status, "application/json; charset=utf-8", json.dumps(body).encode()


def _without_asking(get: Callable[[], Answer]) -> Handler:
    return lambda _: get()


def _safely(handler: Handler, request: dict[str, Any], largest: int) -> Answer:
    try:
        length = int(request.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return as_json(HTTPStatus.BAD_REQUEST, {"reason": "the length of the body is no number"})
    if not 0 <= length <= largest:
        return as_json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"reason": f"the body may have {largest} bytes"})
    names = {name[5:].replace("_", "-").lower(): value for name, value in request.items() if name.startswith("HTTP_")}
    body = request["wsgi.input"].read(length) if length else b""
    try:
        return handler(Asked(names, body))
    except TimeoutError as error:
        return as_json(HTTPStatus.SERVICE_UNAVAILABLE, {"reason": str(error)})


def _status(good: bool) -> HTTPStatus:  # noqa: FBT001 - its whole meaning
    return HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE


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
