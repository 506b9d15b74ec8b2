"""Health: how this process and what it stands on are, for probes and people."""

from dataclasses import replace
from typing import TYPE_CHECKING

from livermore.http.answer import Answer, of_data
from livermore.http.parameters import Parameters
from livermore.http.route import Access, Route

if TYPE_CHECKING:
    from livermore.http.front import Front


async def health(front: "Front", _: Parameters) -> Answer:
    """200 while data can be served, 503 otherwise."""
    status, report = await front.health.report()
    return replace(of_data(report), status=status)


ROUTES = [Route("/health", Parameters, health, Access.OPEN)]
