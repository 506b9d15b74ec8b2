"""The application: finds the route of a request, and says nothing of its query in any log."""

from typing import TYPE_CHECKING, Any

import structlog
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, RequestHandler

from livermore import metrics
from livermore.http.base import Base
from livermore.http.handler import Handler
from livermore.http.refusal import Refusal

if TYPE_CHECKING:
    from tornado.web import _HandlerDelegate

    from livermore.http.front import Front

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""Those that are counted by their names: a stranger may make up any other."""

_log = structlog.get_logger("livermore.http.access")


class FrontApplication(Application):
    """Routes by the front's table alone."""

    def __init__(self, front: "Front") -> None:
        super().__init__(serve_traceback=False)
        self.front = front

    def find_handler(self, request: HTTPServerRequest, **_: Any) -> "_HandlerDelegate":
        """The handler of a request, by its method and its path as it came."""
        try:
            found, refusal = self.front.table.find(request.path, request.method or ""), None
        except Refusal as bad:
            found, refusal = None, bad
        handler = found.route.socket if found is not None and found.route.socket else Handler
        return self.get_handler_delegate(request, handler, {"front": self.front, "found": found, "refusal": refusal})

    def log_request(self, handler: RequestHandler) -> None:
        """Count a request, and write a line about it, without its query: that may hold a key."""
        request, status, seconds = handler.request, handler.get_status(), handler.request.request_time()
        found = handler.found if isinstance(handler, Base) else None
        route = found.route.path if found is not None else "none"
        method = request.method if request.method in METHODS else "other"
        metrics.ANSWERS.labels(route, method, status).inc()
        metrics.ANSWER_SECONDS.labels(route).observe(seconds)
        _log.debug("answered", method=request.method, path=request.path, status=status, ms=round(1000 * seconds, 1))


def make_application(front: "Front") -> Application:
    """The application of a front, to be given to a server."""
    return FrontApplication(front)
