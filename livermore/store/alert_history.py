"""Alerts in SQL: one row for each id, whoever records it and however often."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, exc, func, insert, select, update

from livermore.market.alert import Alert, PublicAlert, direction
from livermore.market.amount import canonical
from livermore.market.instant import iso
from livermore.market.signal import SIGNAL_TYPE, strength
from livermore.store.notices import Delivered
from livermore.store.tables import alert_history as table
from livermore.store.tables import exchanges

TYPE = "macdv"
CHART = "chartGenerated"
"""The field of details that says whether a chart went with a notice; without one nobody has been told yet."""


def record(connection: Connection, exchange_id: int, alert: Alert) -> bool:
    """Insert an alert; False where it is there already."""
    row = {
        "alert_id": alert.id,
        "exchange_id": exchange_id,
        "symbol": alert.symbol,
        "timeframe": alert.timeframe,
        "alert_type": TYPE,
        "candle_time": alert.candle_time,
        "triggered_at": alert.triggered_at,
        "price": alert.price,
        "trigger_value": f"{alert.value:.8f}",
        "trigger_label": alert.label,
        "previous_label": alert.previous,
        "late": alert.late,
        "details": alert.details,
    }
    try:
        connection.execute(insert(table).values(**row))
    except exc.IntegrityError:
        if _row_id(connection, alert.id) is None:
            raise  # it was refused for another reason
        return False
    return True


def notified(connection: Connection, said: Delivered) -> bool:
    """Write down that a target was told, or why it was not; False where the alert has not been recorded yet.

    An alert counts as notified once any target was told of it, and its chart as generated once any was shown it; of the
    reasons the last one is kept.
    """
    c, own = table.c, f"{said.target}: "
    if said.error is None:
        is_ours = func.coalesce(func.substr(c.notification_error, 1, len(own)), "") == own
        settled = case((is_ours, None), else_=c.notification_error)
        values: dict[str, Any] = {"notification_sent": True, "notification_error": settled}
    else:
        values = {"notification_error": f"{own}{said.error}"[:500]}
    known = connection.execute(update(table).where(c.alert_id == said.id).values(**values)).rowcount == 1
    if known and said.error is None:
        _note_chart(connection, said)
    return known


def _note_chart(connection: Connection, said: Delivered) -> None:
    """The row is locked by now: nobody writes its details between reading and writing."""
    mine = table.c.alert_id == said.id
    details = connection.execute(select(table.c.details).where(mine).with_for_update()).scalar() or {}
    shown = bool(details.get(CHART)) or said.chart
    connection.execute(update(table).where(mine).values(details={**details, CHART: shown}))


def _row_id(connection: Connection, alert_id: str) -> int | None:
    """The number of an alert's row, even if it was committed after this transaction began: so it reads with a lock."""
    found = select(table.c.id).where(table.c.alert_id == alert_id).with_for_update(read=True)
    return connection.execute(found).scalar()


class Recorded(NamedTuple):
    """A whole row, for administrators. Times are ms; ``value`` has eight decimals, ``price`` is a decimal string.

    ``notified``: whether any target was told; ``notice_error``: why one was not.
    """

    id: str
    exchange_id: int
    exchange: str
    symbol: str
    timeframe: str
    label: str
    previous_label: str | None
    value: float
    price: str
    candle_time: int
    triggered_at: int
    late: bool
    details: dict[str, Any]
    notified: bool
    notice_error: str | None


_t = table.c
_WHOLE = (
    _t.alert_id, _t.exchange_id, exchanges.c.name, _t.symbol, _t.timeframe, _t.trigger_label, _t.previous_label,
    _t.trigger_value, _t.price, _t.candle_time, _t.triggered_at, _t.late, _t.details, _t.notification_sent,
    _t.notification_error,
)  # fmt: skip
"""The columns of `Recorded`."""


def recorded(connection: Connection, alert_id: str) -> Recorded | None:
    """The alert of this id, if there is a row of it."""
    query = select(*_WHOLE).join(exchanges, exchanges.c.id == table.c.exchange_id).where(table.c.alert_id == alert_id)
    found = connection.execute(query.where(table.c.alert_type == TYPE)).one_or_none()
    return None if found is None else _recorded(found)


def _recorded(found: Sequence[Any]) -> Recorded:
    row = Recorded._make(found)
    return row._replace(value=float(row.value), price=_amount(row.price), details=row.details or {})


class Filter(NamedTuple):
    """Which alerts to give: None means all; ``before``: only rows with a smaller number.

    ``kind``: how their labels begin, as ``level``.
    """

    exchange: str | None = None
    symbol: str | None = None
    timeframe: str | None = None
    before: int | None = None
    kind: str | None = None


def whole_page(connection: Connection, wanted: Filter, limit: int) -> list[tuple[int, Recorded]]:
    """As `page`, in full."""
    rows = connection.execute(_chosen(select(table.c.id, *_WHOLE), wanted, limit))
    return [(number, _recorded(row)) for number, *row in rows]


def page(connection: Connection, wanted: Filter, limit: int) -> list[tuple[int, PublicAlert]]:
    """The newest alerts, with the number of their rows, newest first."""
    t = table.c
    columns = (t.id, t.alert_id, t.triggered_at, t.symbol, exchanges.c.name, t.timeframe, t.trigger_label,
               t.trigger_value, t.price, t.late)  # fmt: skip
    return [_public(row) for row in connection.execute(_chosen(select(*columns), wanted, limit))]


def _chosen(query: Select[Any], wanted: Filter, limit: int) -> Select[Any]:
    t = table.c
    query = query.join(exchanges, exchanges.c.id == t.exchange_id).where(t.alert_type == TYPE)
    same = {exchanges.c.name: wanted.exchange, t.symbol: wanted.symbol, t.timeframe: wanted.timeframe}
    for column, value in same.items():
        query = query.where(column == value) if value is not None else query
    if wanted.kind is not None:
        query = query.where(t.trigger_label.startswith(f"{wanted.kind}_", autoescape=True))
    if wanted.before is not None:
        query = query.where(t.id < wanted.before)
    return query.order_by(t.id.desc()).limit(limit)


def _public(row: Sequence[object]) -> tuple[int, PublicAlert]:
    number, id_, at, symbol, exchange, timeframe, label, value, price, late = row
    assert isinstance(number, int)
    assert isinstance(at, int)
    size = None if value is None else float(str(value))
    shown = _amount(price)
    return number, PublicAlert(
        str(id_), iso(at), str(symbol), str(exchange), str(timeframe or ""), SIGNAL_TYPE,
        direction(str(label)), strength(size), shown, bool(late),
    )  # fmt: skip


def _amount(price: object) -> str:
    """In canonical form: SQLite keeps the text, others pad their decimals with zeros."""
    return canonical(price if isinstance(price, str) else f"{price:f}")
