"""The application: finds the route of a request, and says nothing of its query in any log."""

from typing import TYPE_CHECKING, Any

import structlog
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, RequestHandler

from livermore.http.handler import Handler
from livermore.http.refusal import Refusal

if TYPE_CHECKING:
    from tornado.web import _HandlerDelegate

    from livermore.http.front import Front

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
        """One line a request, without its query: it may hold a key."""
        request = handler.request
        milliseconds = round(1000 * request.request_time(), 1)
        _log.debug("answered", method=request.method, path=request.path, status=handler.get_status(), ms=milliseconds)


def make_application(front: "Front") -> Application:
    """The application of a front, to be given to a server."""
    return FrontApplication(front)
