"""The audit log in SQL: who asked for which change, written down before it is done, and how it ended."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from livermore.errors import Transient
from livermore.store.expansion import has
from livermore.store.tables import audit_log as table


class Deed(NamedTuple):
    """``at``: ms. ``identity``: ``token``, the user's id at Clerk, or ``operator`` for one at the command line.

    ``action``: method and route, or the command.
    ``parameters`` are plain data without anything secret.
    """

    at: int
    identity: str
    user_id: int | None
    name: str
    action: str
    parameters: Mapping[str, Any]
    address: str
    request_id: str


class Entry(NamedTuple):
    """A row. ``status``: what was answered; None where nobody could write it down any more, or it is under way."""

    id: int
    at: int
    identity: str
    user_id: int | None
    name: str
    action: str
    parameters: dict[str, Any]
    status: int | None
    address: str
    request_id: str


class Wanted(NamedTuple):
    """Which rows: None means all. ``action``: how it begins. ``before``: only rows with a smaller number."""

    identity: str | None = None
    action: str | None = None
    before: int | None = None


def begin(connection: Connection, deed: Deed, status: int | None = None) -> int:
    """Write down what is about to be done, or with its status what was refused; gives the number of the row.

    Raises:
        Transient: the database has no audit log yet.
    """
    if not has(connection, table.c.id):
        raise Transient("the database has no audit log yet: run `livermore db upgrade`")
    cut = {"name": deed.name[:100], "action": deed.action[:150], "address": deed.address[:64]}
    made = connection.execute(insert(table).values(**deed._asdict() | cut, status=status))
    (number,) = made.inserted_primary_key or (0,)
    return int(number)


def end(connection: Connection, number: int, status: int) -> None:
    """Write down how it ended."""
    connection.execute(update(table).where(table.c.id == number).values(status=status))


def page(connection: Connection, wanted: Wanted, limit: int) -> list[Entry]:
    """The newest rows, newest first; none where the database has no audit log yet."""
    if not has(connection, table.c.id):
        return []
    t = table.c
    query = select(*(t[name] for name in Entry._fields))
    if wanted.identity is not None:
        query = query.where(t.identity == wanted.identity)
    if wanted.action is not None:
        query = query.where(func.substr(t.action, 1, len(wanted.action)) == wanted.action)
    if wanted.before is not None:
        query = query.where(t.id < wanted.before)
    return [Entry._make(row) for row in connection.execute(query.order_by(t.id.desc()).limit(limit))]
