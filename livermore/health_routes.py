"""What the health listener answers beyond probes and metrics: how reloads went, and what one would do."""

import dataclasses
from collections.abc import Mapping
from http import HTTPStatus

from livermore.reloader import Outcome, Reloader
from livermore.supervision.health import Answer, Asked, Route, as_json
from livermore.supervision.supervisor import Supervisor

LARGEST = 256 * 1024
"""Bytes of a tree file."""
BY_HAND = "x-livermore"
"""No page of another site can send this header: what changes anything asks for it."""


def health_routes(supervisor: Supervisor, reloader: Reloader) -> Mapping[str, Route]:
    """By their paths."""

    def crashes(_: Asked) -> Answer:
        reports = supervisor.incarnations.failures.reports
        return as_json(HTTPStatus.OK, {"count": reports.count, "newest": list(reports.newest)})

    def dead_letters(_: Asked) -> Answer:
        letters = supervisor.incarnations.mail.dead_letters
        counts = [{"actor": a, "reason": r, "count": n} for (a, r), n in list(letters.counts.items())]
        return as_json(HTTPStatus.OK, {"counts": counts, "newest": [one._asdict() for one in list(letters.newest)]})

    def last(_: Asked) -> Answer:
        return _told(reloader.last)

    def reload(asked: Asked) -> Answer:
        if BY_HAND not in asked.headers:
            return as_json(HTTPStatus.FORBIDDEN, {"reason": f"expected a header {BY_HAND}"})
        return _told(reloader.reload())

    def plan(asked: Asked) -> Answer:
        try:
            text = asked.body.decode()
        except UnicodeDecodeError:
            return as_json(HTTPStatus.BAD_REQUEST, {"reason": "expected the text of a tree file, in UTF-8"})
        return _told(reloader.plan(text))

    return {
        "/supervision/crashes": Route({"GET": crashes}),
        "/supervision/dead-letters": Route({"GET": dead_letters}),
        "/supervision/reload": Route({"GET": last, "POST": reload}),
        "/supervision/plan": Route({"POST": plan}, LARGEST),
    }


def _told(outcome: Outcome) -> Answer:
    return as_json(HTTPStatus.OK, dataclasses.asdict(outcome))
