"""The admin API of the audit log: who asked for which change, and how it ended."""

from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from livermore.http import admin_examples as examples
from livermore.http.admin_schemas import AuditItem, AuditPage
from livermore.http.answer import Answer, of_model
from livermore.http.cursor import seal, unseal
from livermore.http.parameters import Cursor, Parameters, count
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.market.instant import iso
from livermore.store import audit_log
from livermore.store.audit_log import Entry, Wanted

if TYPE_CHECKING:
    from livermore.http.front import Front


class AuditParameters(Parameters):
    """Which changes."""

    who: str | None = Field(None, min_length=1, max_length=255, description="`token`, or a user's id at Clerk")
    action: str | None = Field(
        None, min_length=1, max_length=150, description="How method and route begin, as `POST /admin/v1/keys`"
    )
    limit: count(200) = 50  # type: ignore[valid-type]  # a type that is made by a function
    cursor: Cursor | None = None


async def audit(front: "Front", asked: AuditParameters) -> Answer:
    """One page of the log."""
    scope = ("audit", asked.who or "", asked.action or "")
    before = unseal(scope, asked.cursor, int) if asked.cursor is not None else None
    wanted = Wanted(asked.who, asked.action, before)
    found = await front.database.run_aside(partial(audit_log.page, wanted=wanted, limit=asked.limit + 1))
    rows = found[: asked.limit]
    cursor = seal(scope, rows[-1].id) if len(found) > asked.limit else None
    return of_model(AuditPage(data=[_shown(row) for row in rows], next_cursor=cursor))


def _shown(row: Entry) -> AuditItem:
    return AuditItem(**row._asdict() | {"at": iso(row.at)})


ROUTES = [
    Route(
        f"{ADMIN}/audit",
        AuditParameters,
        audit,
        Access.ADMIN,
        Document(
            "Audit",
            "Who asked for which change, newest first",
            "Every request that may change something is written down before it is done; without that it is refused "
            "with 503. `status` is null while it is under way, or where how it ended could not be written down. Those "
            "who are known, and were turned away, are here, too.",
            AuditPage,
            examples.AUDIT,
        ),
    )
]
