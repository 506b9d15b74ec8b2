"""A route: one row of the table from which URLs, checks, documents and answers come."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic

from pydantic import BaseModel
from tornado.web import RequestHandler

from livermore.http.answer import Answer
from livermore.http.body import LONGEST
from livermore.http.parameters import P

if TYPE_CHECKING:
    from livermore.http.front import Front

PUBLIC = "/public/v1"


class Access(StrEnum):
    """Who may use a route: anyone, keys with a scope, administrators, or whoever signs what they send."""

    OPEN = "open"
    READ = "read"
    STREAM = "stream"
    ADMIN = "admin"
    SIGNED = "signed"

    @property
    def keyed(self) -> bool:
        """Whether it takes an API key."""
        return self in {Access.READ, Access.STREAM}


@dataclass(frozen=True)
class Document:
    """What the API's documents say of a route; ``model`` is the form of a success and ``example`` one."""

    tag: str
    summary: str
    text: str = ""
    model: type[BaseModel] | None = None
    example: Any = None
    also: Sequence[int] = field(default=())
    """Statuses beyond those that every route has."""
    operation: str = ""
    """Its name in generated clients; without it, ``get_`` and the first word of the path."""
    status: int = 200
    """Of a success."""
    headers: Sequence[str] = field(default=())
    """Headers of a success beyond those that every route has."""
    leads: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Operations that a success leads to, with what it has for their parameters: texts, or runtime expressions."""


@dataclass(frozen=True)
class Route(Generic[P]):
    """``path`` is a template: ``/a/{name}``. ``document`` is None where the documents do not show the route.

    ``body``: whether parameters may come in the body, too, as the members of a JSON object; ``longest``: its bytes.
    ``socket``: the class that speaks WebSocket here; ``handler`` then answers requests that do not upgrade.
    """

    path: str
    parameters: type[P]
    handler: "Callable[[Front, P], Awaitable[Answer]]"
    access: Access
    document: Document | None = None
    methods: tuple[str, ...] = ("GET",)
    body: bool = False
    longest: int = LONGEST
    socket: type[RequestHandler] | None = None

    @property
    def public(self) -> bool:
        """Whether it is part of the public API: any origin may call it, and it names no inner thing."""
        return self.path.startswith(PUBLIC + "/")

    def serves(self, method: str) -> bool:
        """Whether it answers this method; whoever answers GET answers HEAD."""
        return ("GET" if method == "HEAD" else method) in self.methods
