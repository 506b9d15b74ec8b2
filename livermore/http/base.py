"""What every answer has in common: its headers, its form, and an error envelope whoever it is that refuses."""

import re
import secrets
from types import TracebackType
from typing import TYPE_CHECKING, Any

import structlog
from tornado.web import HTTPError, RequestHandler

from livermore.http.answer import ZIP_FROM, Answer, matches, of_refusal, takes_gzip
from livermore.http.cors import cors_headers
from livermore.http.refusal import Refusal, plain

if TYPE_CHECKING:
    from livermore.http.front import Front
    from livermore.http.table import Found

_log = structlog.get_logger("livermore.http")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}", re.ASCII)


class Base(RequestHandler):
    """``found`` is None where no route has the path."""

    front: "Front"
    found: "Found | None" = None

    def initialize(self, front: "Front", found: "Found | None", refusal: Refusal | None = None) -> None:
        """``refusal``: what is wrong with the path already."""
        self.front, self.found, self.refusal = front, found, refusal
        given = self.request.headers.get("X-Request-ID", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        self.limit_headers: dict[str, str] = {}

    def set_default_headers(self) -> None:
        """Nothing of what we are made of."""
        self.clear_header("Server")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")

    def send(self, answer: Answer) -> None:
        """Finish the request with an answer, whole or as 304, compressed where that is wanted and worth it."""
        self.set_status(answer.status)
        self._dress(answer)
        zipped = len(answer.body) >= ZIP_FROM and takes_gzip(self.request.headers.get("Accept-Encoding", ""))
        if zipped:
            self.set_header("Content-Encoding", "gzip")
        if answer.tagged:
            tag = answer.tag(zipped=zipped)
            self.set_header("ETag", tag)
            if matches(self.request.headers.get("If-None-Match", ""), tag):
                self.set_status(304)
                self.finish()
                return
        self.finish((answer.zipped if zipped else answer.body) or None)

    def _dress(self, answer: Answer) -> None:
        headers = {"Content-Type": answer.content_type, "Vary": "Accept-Encoding", "Cache-Control": "no-store"}
        headers |= cors_headers(self.front, self.found, self.request)
        headers |= {"X-Request-ID": self.request_id} | self.limit_headers | dict(answer.headers)
        for name, value in headers.items():
            self.set_header(name, value)
        if not answer.body:
            self.clear_header("Content-Type")

    def compute_etag(self) -> str | None:
        """Only answers that say so have one."""
        return None

    def refuse(self, refusal: Refusal) -> None:
        """Finish the request with an error."""
        self.send(of_refusal(refusal, self.request_id))

    def write_error(self, status_code: int, **_: Any) -> None:
        """What Tornado refuses, in our envelope."""
        refusal = plain(status_code)
        if status_code == 405 and self.found is not None:
            refusal.headers = {"Allow": self.found.allowed}
        self.refuse(refusal)

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Without the query: it may hold a key."""
        if not isinstance(value, HTTPError):
            error = (typ, value, tb) if typ and value else None
            _log.error("a request failed", path=self.request.path, request_id=self.request_id, exc_info=error)
