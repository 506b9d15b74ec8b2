"""The way of every request: method, address, key, its limit, its scope, parameters, and only then the route."""

from typing import TYPE_CHECKING, Any, NamedTuple

from livermore.errors import Transient
from livermore.http.answer import Answer
from livermore.http.base import Base
from livermore.http.body import members
from livermore.http.doors import admit, presented
from livermore.http.parameters import Parameters, read
from livermore.http.refusal import NotEntitled, Refusal, not_found, unavailable
from livermore.http.route import Access, Route
from livermore.http.table import Found
from livermore.http.visitor import Administrator, Anybody, Letter, Visitor

if TYPE_CHECKING:
    from livermore.http.audit import Audit

SAFE = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""


class Asked(NamedTuple):
    """What a request is, for the audit log. ``action``: method and template of the route."""

    action: str
    address: str
    request_id: str


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
        visitor = await self._visitor(found.route, presented(self.request.headers))
        if isinstance(visitor, Visitor):
            self.limit_headers = visitor.standing.headers
        if isinstance(visitor, Administrator) and self.request.method not in SAFE:
            return await self._changed(found, visitor)
        return await found.route.handler(self.front, self._parameters(found, visitor))

    async def _visitor(self, route: Route[Any], secret: str | None) -> Anybody | None:
        """Who asks with this key or token; whoever is known, and turned away, is remembered."""
        address = self.request.remote_ip or ""
        if route.access is Access.SIGNED:
            return Letter(self.request.headers, self.request.body, address)
        try:
            return await admit(self.front, route.access, secret, address)
        except NotEntitled as refusal:
            await self._audit.refused(refusal.who, self._asked(route), refusal.status)
            raise

    async def _changed(self, found: Found, who: Administrator) -> Answer:
        """Do what changes something, which is kept account of."""
        asked = self._asked(found.route)
        try:
            parameters = self._parameters(found, who)
        except Refusal as refusal:
            await self._audit.refused(who, asked, refusal.status)
            raise
        return await self._audit.done(who, asked, parameters, lambda: found.route.handler(self.front, parameters))

    def _parameters(self, found: Found, visitor: Anybody | None) -> Parameters:
        route: Route[Parameters] = found.route
        body = members(self.request.body, route.longest) if route.body else []
        return read(route.parameters, found.values, self.request.query, body, visitor)

    def _asked(self, route: Route[Any]) -> Asked:
        return Asked(f"{self.request.method} {route.path}", self.request.remote_ip or "", self.request_id)

    @property
    def _audit(self) -> "Audit":
        """There is one wherever there are administrators."""
        assert self.front.administrators is not None
        return self.front.administrators.audit
