"""The exchanges that SQL knows."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from livermore.store.tables import exchanges


class Exchange(NamedTuple):
    """``name`` is the lower-case word in URLs and keys of YAML; ``id`` the number in Redis keys."""

    id: int
    name: str
    display_name: str


def all_exchanges(connection: Connection) -> list[Exchange]:
    """The active ones, by id."""
    e = exchanges.c
    rows = connection.execute(select(e.id, e.name, e.display_name).where(e.is_active).order_by(e.id))
    return [Exchange(*row) for row in rows]


def named(connection: Connection, name: str) -> Exchange | None:
    """The active exchange of this name."""
    return next((exchange for exchange in all_exchanges(connection) if exchange.name == name), None)
