"""Epochs: drawn from SQL, so that they never go back, whatever becomes of Redis."""

from sqlalchemy import Connection, insert, select, update

from livermore.store.tables import leases


def current(connection: Connection, exchange_id: int) -> int:
    """The newest epoch that was drawn; 0 before the first."""
    return connection.execute(select(leases.c.epoch).where(leases.c.exchange_id == exchange_id)).scalar() or 0


def draw(connection: Connection, exchange_id: int, after: int, owner: str, since: int) -> bool:
    """Draw the epoch that follows ``after``; False where somebody else has drawn it meanwhile.

    ``owner``: for people who look into the table; ``since``: wall time, ms.
    """
    row = {"epoch": after + 1, "owner": owner, "since": since}
    if (
        after == 0
        and connection.execute(select(leases.c.epoch).where(leases.c.exchange_id == exchange_id)).first() is None
    ):
        connection.execute(insert(leases).values(exchange_id=exchange_id, **row))
        return True
    here = (leases.c.exchange_id == exchange_id) & (leases.c.epoch == after)
    return connection.execute(update(leases).where(here).values(**row)).rowcount == 1
