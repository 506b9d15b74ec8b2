"""What the newest revision has brought, and a database that is one behind lacks: columns marked ``info={"since": …}``.

A front lives with such a database, so it reads and writes what is new only through these functions. A writer never
meets one.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, null

from livermore.store.schema import current

SINCE = "since"
"""The key in a column's or a table's ``info`` that names the revision which brought it."""
HELD = "livermore_revision"
"""The key in a connection's ``info`` that names the revision of its database, once that has been looked up."""


def has(connection: Connection, column: Column[Any]) -> bool:
    """Whether the database has this column."""
    since = column.info.get(SINCE) or column.table.info.get(SINCE)
    return since is None or since <= _held(connection)


def readable(connection: Connection, *columns: Column[Any]) -> list[ColumnElement[Any]]:
    """These columns for a query; NULL of the same name in the place of one that the database has not."""
    return [column if has(connection, column) else null().label(column.name) for column in columns]


def storable(connection: Connection, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of these values, by the names of their columns, that the database has a place for."""
    return {name: value for name, value in values.items() if has(connection, table.c[name])}


def _held(connection: Connection) -> str:
    return connection.info.get(HELD) or current(connection) or ""
