"""The way of every request: method, address, key, its limit, its scope, parameters, and only then the route."""

from typing import Any

from livermore.errors import Transient
from livermore.http.answer import Answer
from livermore.http.base import Base
from livermore.http.doors import admit, presented
from livermore.http.parameters import read
from livermore.http.refusal import Refusal, not_found, unavailable
from livermore.http.table import Found


class Handler(Base):
    """Answers every route of the table, and every path that has none."""

    async def serve(self, *_: Any, **__: Any) -> None:
        """Answer, or refuse."""
        try:
            with self.front.guests.answering():
                answer = await self._answer(self._route())
        except Refusal as refusal:
            self.refuse(refusal)
        except Transient as reason:
            self.refuse(unavailable(reason))
        else:
            self.send(answer)

    get = head = post = put = patch = delete = serve

    async def options(self, *_: Any, **__: Any) -> None:
        """Which methods there are, to anyone."""
        if self.refusal is not None or self.found is None:
            self.refuse(self.refusal or not_found("Path"))
            return
        self.send(Answer(b"", 204, headers={"Allow": self.found.allowed}))

    def _route(self) -> Found:
        if self.refusal is not None:
            raise self.refusal
        if self.found is None:
            raise not_found("Path")
        if not self.found.route.serves(self.request.method or ""):
            raise Refusal(405, "This path has no such method", headers={"Allow": self.found.allowed})
        return self.found

    async def _answer(self, found: Found) -> Answer:
        route = found.route
        visitor = await admit(self.front, route.access, presented(self.request.headers), self.request.remote_ip or "")
        if visitor is not None:
            self.limit_headers = visitor.standing.headers
        query, body = self.request.query, self.request.body if route.body else b""
        parameters = read(route.parameters, found.values, query, body, visitor)
        return await route.handler(self.front, parameters)
