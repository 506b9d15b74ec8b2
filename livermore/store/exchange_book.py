"""The exchanges for administrators: what they cost and whom they serve, and how much of each is in the catalogue."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, case, func, select

from livermore.store.tables import exchange_symbols, exchanges


class Facts(NamedTuple):
    """``fees`` and ``geo_restrictions`` are as SQL has them, or None; ``refreshed_at``: ms, or None where never."""

    id: int
    name: str
    display_name: str
    timeframes: Any
    fees: Any
    geo_restrictions: Any
    symbols: int
    watched: int
    refreshed_at: int | None


def facts(connection: Connection) -> list[Facts]:
    """All active exchanges, by id."""
    e, s = exchanges.c, exchange_symbols.c
    counted = (
        select(
            s.exchange_id,
            func.count().label("symbols"),
            func.sum(case((s.is_active, 1), else_=0)).label("watched"),
            func.max(s.last_volume_update).label("refreshed"),
        )
        .group_by(s.exchange_id)
        .subquery()
    )
    columns = (e.id, e.name, e.display_name, e.supported_timeframes, e.fee_schedule, e.geo_restrictions)
    query = select(*columns, counted.c.symbols, counted.c.watched, counted.c.refreshed)
    query = query.outerjoin(counted, counted.c.exchange_id == e.id).where(e.is_active).order_by(e.id)
    return [_facts(Facts._make(row)) for row in connection.execute(query)]


def _facts(row: Facts) -> Facts:
    """Without a catalogue there is nothing to count, and some databases sum integers to decimals."""
    return row._replace(symbols=int(row.symbols or 0), watched=int(row.watched or 0))
