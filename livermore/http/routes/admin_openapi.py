"""The admin API's own document, for administrators."""

from functools import cache
from typing import TYPE_CHECKING

from livermore.http.answer import Answer
from livermore.http.parameters import Parameters
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN

if TYPE_CHECKING:
    from livermore.http.front import Front
    from livermore.http.table import Table


async def openapi(front: "Front", _: Parameters) -> Answer:
    """Made from the table of routes when it is first asked for."""
    return _document(front.table)


@cache
def _document(table: "Table") -> Answer:
    from livermore.http.admin_document import document  # noqa: PLC0415 - takes a fifth of a second to import

    return Answer(document(table), headers={"Cache-Control": "no-cache"}, tagged=True)


ROUTES = [
    Route(
        f"{ADMIN}/openapi.json",
        Parameters,
        openapi,
        Access.ADMIN,
        Document("Documents", "This document", operation="get_openapi"),
    )
]
