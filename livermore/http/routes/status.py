"""The status page: exchanges, how old their data are, and where the documents stand; for anyone."""

from typing import TYPE_CHECKING

from livermore.http.answer import Answer, of_data
from livermore.http.files import ours, page, pages
from livermore.http.parameters import Parameters
from livermore.http.route import Access, Route

if TYPE_CHECKING:
    from livermore.http.front import Front


async def facts(front: "Front", _: Parameters) -> Answer:
    """What the page shows: nothing that the public API would not say."""
    return of_data(await front.board.get())


FILES = {name: place for name, place in ours(".css", ".js", ".svg").items() if name.startswith(("status.", "favicon."))}

ROUTES = [
    page("/", "status.html"),
    Route("/status.json", Parameters, facts, Access.OPEN),
    pages("/static/{file}", FILES),
]
