"""Old rows of SQL tables: removed oldest first, a bounded number in each transaction."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, case, delete, func, select

from livermore.market.timeframe import Timeframe
from livermore.store.tables import alert_history, audit_log

BATCH = 500
"""Rows of one transaction: others wait for it as long as it takes."""


class Limits(NamedTuple):
    """``before``: rows from before this moment (ms) may go; ``now``: market time (ms); ``history``: how many candles
    a series keeps.
    """

    before: int
    now: int
    history: int


class Rows(NamedTuple):
    """Rows of one table that are kept for a time. ``kind``: the key of `retention`; ``at``: the column with the moment
    (ms) of a row; ``in_market``: whether that is market time; ``also``: what else has to hold of a row that goes.
    """

    kind: str
    at: Column[int]
    in_market: bool = False
    also: Callable[[Limits], ColumnElement[bool]] | None = None


def _candle_is_gone(limits: Limits) -> ColumnElement[bool]:
    """An alert is kept as long as its candle is: rules may be asked again about that, and must not raise it twice."""
    t = alert_history.c
    bounds = {str(one): limits.now - (limits.history + 1) * one.ms for one in Timeframe}
    return t.candle_time < case(bounds, value=t.timeframe, else_=limits.before)


TABLES: Sequence[Rows] = (
    Rows("alerts", alert_history.c.triggered_at, in_market=True, also=_candle_is_gone),
    Rows("audit", audit_log.c.at),
)
"""Every table that is swept: a further one is a line here, and a key of `livermore.sweeping.retention.Retention`."""


def remove(connection: Connection, rows: Rows, limits: Limits) -> int:
    """Remove the oldest rows that may go, at most `BATCH`; gives how many. What goes is chosen by id, as MySQL would
    lock all it looks at, and looked at again where it goes.
    """
    old = rows.at < limits.before
    old = old & rows.also(limits) if rows.also is not None else old
    id_: Column[Any] = rows.at.table.c.id
    found = connection.execute(select(id_).where(old).order_by(rows.at).limit(BATCH)).scalars().all()
    return connection.execute(delete(rows.at.table).where(id_.in_(found), old)).rowcount if found else 0


def oldest(connection: Connection, rows: Rows) -> int | None:
    """The moment (ms) of the oldest row."""
    found: int | None = connection.execute(select(func.min(rows.at))).scalar()
    return found
