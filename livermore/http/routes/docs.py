"""The API's documents, of its routes and of its stream, and pages that explore them without anything from elsewhere."""

from functools import cache
from typing import TYPE_CHECKING

from livermore.http.answer import Answer
from livermore.http.files import folder, ours, page, pages, shown
from livermore.http.guide import PAGE, guide
from livermore.http.parameters import Parameters
from livermore.http.refusal import not_found
from livermore.http.route import PUBLIC, Access, Route

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from livermore.http.bounds import Bounds
    from livermore.http.front import Front
    from livermore.http.table import Table

SWAGGER = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
VIEWER = ("asyncapi-viewer.js",)
OWN = {
    name: place
    for name, place in ours(".css", ".js", ".mjs", ".py", ".sh").items()
    if name.startswith(("docs.", "guide-", "guide."))
}


async def openapi(front: "Front", _: Parameters) -> Answer:
    """Made from the table of routes when it is first asked for."""
    return _document(front.table)


@cache
def _document(table: "Table") -> Answer:
    from livermore.http.openapi import document  # noqa: PLC0415 - takes a fifth of a second to import, for readers only

    return Answer(document(table), headers={"Cache-Control": "no-cache"}, tagged=True)


async def asyncapi(front: "Front", _: Parameters) -> Answer:
    """Made from the forms of the stream's messages when it is first asked for."""
    if not any(route.access is Access.STREAM for route in front.table.routes):
        raise not_found("Stream")
    return _stream_document(front.bounds)


@cache
def _stream_document(bounds: "Bounds") -> Answer:
    from livermore.http.asyncapi import document  # noqa: PLC0415 - as above

    return Answer(document(bounds), headers={"Cache-Control": "no-cache"}, tagged=True)


async def guidance(_: "Front", __: Parameters) -> Answer:
    """The guide, with its programs in their places."""
    return _guide()


@cache
def _guide() -> Answer:
    return shown(guide(), PAGE)


def _assets() -> "dict[str, Traversable]":
    shelves = (("swagger_ui", SWAGGER), ("asyncapi_viewer", VIEWER))
    theirs = {name: folder(package, "static") / name for package, names in shelves for name in names}
    return {**theirs, **OWN}


ROUTES = [
    Route(f"{PUBLIC}/openapi.json", Parameters, openapi, Access.OPEN),
    Route(f"{PUBLIC}/asyncapi.json", Parameters, asyncapi, Access.OPEN),
    page(f"{PUBLIC}/docs", "docs.html"),
    page(f"{PUBLIC}/docs/stream", "docs-stream.html"),
    Route(f"{PUBLIC}/docs/guide", Parameters, guidance, Access.OPEN),
    pages(f"{PUBLIC}/docs/{{file}}", _assets()),
]
