"""Epochs: drawn from SQL, so that they never go back, whatever becomes of Redis."""

import msgspec
from sqlalchemy import Connection, exc, insert, select, update

from livermore.store.lease import Owner
from livermore.store.tables import leases


def current(connection: Connection, exchange_id: int) -> int:
    """The newest epoch that was drawn; 0 before the first."""
    return connection.execute(select(leases.c.epoch).where(leases.c.exchange_id == exchange_id)).scalar() or 0


def owner(connection: Connection, exchange_id: int) -> Owner | None:
    """Who drew the newest epoch; None before the first."""
    drawn = connection.execute(select(leases.c.owner).where(leases.c.exchange_id == exchange_id)).scalar()
    return msgspec.json.decode(drawn, type=Owner) if drawn else None


def draw(connection: Connection, exchange_id: int, after: int, owner: str, since: int) -> bool:
    """Draw the epoch that follows ``after``; False where somebody else has drawn it meanwhile.

    ``owner``: for people who look into the table; ``since``: wall time, ms.
    """
    row = {"epoch": after + 1, "owner": owner, "since": since}
    if after == 0 and current(connection, exchange_id) == 0:
        return _begin(connection, exchange_id, row)
    here = (leases.c.exchange_id == exchange_id) & (leases.c.epoch == after)
    return connection.execute(update(leases).where(here).values(**row)).rowcount == 1


def _begin(connection: Connection, exchange_id: int, row: dict[str, object]) -> bool:
    """Insert the first epoch; False where somebody else has done so meanwhile."""
    try:
        connection.execute(insert(leases).values(exchange_id=exchange_id, **row))
    except exc.IntegrityError:
        here = select(leases.c.epoch).where(leases.c.exchange_id == exchange_id).with_for_update(read=True)
        if connection.execute(here).first() is None:
            raise  # it was refused for another reason
        return False
    return True
