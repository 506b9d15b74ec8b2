"""Alerts in SQL: one row for each id, whoever records it and however often."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, exc, func, insert, select, update

from livermore.market.alert import Alert, PublicAlert, direction
from livermore.market.amount import canonical
from livermore.market.instant import iso
from livermore.market.signal import SIGNAL_TYPE, strength
from livermore.market.timeframe import Timeframe
from livermore.store.tables import alert_history as table
from livermore.store.tables import exchanges

TYPE = "macdv"
OF_SYMBOL = 500
"""Alerts of one symbol that are looked back upon: what they say of its state is long over before them."""


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


def notified(connection: Connection, alert_id: str, target: str, error: str | None) -> bool:
    """Write down that a target was told, or why it was not; False where the alert has not been recorded yet.

    An alert counts as notified once any target was told of it; of the reasons the last one is kept.
    """
    c, own = table.c, f"{target}: "
    if error is None:
        is_ours = func.coalesce(func.substr(c.notification_error, 1, len(own)), "") == own
        settled = case((is_ours, None), else_=c.notification_error)
        values: dict[str, Any] = {"notification_sent": True, "notification_error": settled}
    else:
        values = {"notification_error": f"{own}{error}"[:500]}
    return connection.execute(update(table).where(c.alert_id == alert_id).values(**values)).rowcount == 1


class Recorded(NamedTuple):
    """An alert that is recorded: of which series, ``close_time`` of its candle (ms), and the label of its trigger.

    ``settled``: somebody was told of it, or nobody is to be told.
    """

    id: str
    timeframe: Timeframe
    close_time: int
    label: str
    settled: bool


def of_symbol(connection: Connection, exchange_id: int, symbol: str) -> list[Recorded]:
    """The newest alerts of a symbol, newest first."""
    t = table.c
    mine = (t.exchange_id == exchange_id) & (t.symbol == symbol) & t.timeframe.is_not(None)
    columns = t.alert_id, t.timeframe, t.candle_time, t.trigger_label, t.late | t.notification_sent
    query = select(*columns).where(mine).order_by(t.id.desc()).limit(OF_SYMBOL)
    return [_recorded(*row) for row in connection.execute(query)]


def recorded_to(connection: Connection, exchange_id: int) -> int | None:
    """When (ms) the newest candle closed of which an alert is recorded; None where there is none."""
    t = table.c
    rows = select(t.candle_time, t.timeframe).where(t.exchange_id == exchange_id, t.timeframe.is_not(None))
    newest = connection.execute(rows.order_by(t.id.desc()).limit(OF_SYMBOL))
    return max((at + Timeframe(timeframe).ms for at, timeframe in newest), default=None)


def _recorded(id_: str, timeframe: str, candle_time: int, label: str, settled: bool) -> Recorded:  # noqa: FBT001
    return Recorded(id_, Timeframe(timeframe), candle_time + Timeframe(timeframe).ms, label, bool(settled))


def _row_id(connection: Connection, alert_id: str) -> int | None:
    """The number of an alert's row, even if it was committed after this transaction began: so it reads with a lock."""
    found = select(table.c.id).where(table.c.alert_id == alert_id).with_for_update(read=True)
    return connection.execute(found).scalar()


class Filter(NamedTuple):
    """Which alerts to give: None means all; ``before``: only rows with a smaller number."""

    exchange: str | None = None
    symbol: str | None = None
    timeframe: str | None = None
    before: int | None = None


def page(connection: Connection, wanted: Filter, limit: int) -> list[tuple[int, PublicAlert]]:
    """The newest alerts, with the number of their rows, newest first."""
    t = table.c
    columns = (t.id, t.alert_id, t.triggered_at, t.symbol, exchanges.c.name, t.timeframe, t.trigger_label,
               t.trigger_value, t.price, t.late)  # fmt: skip
    query = select(*columns).join(exchanges, exchanges.c.id == t.exchange_id).where(t.alert_type == TYPE)
    same = {exchanges.c.name: wanted.exchange, t.symbol: wanted.symbol, t.timeframe: wanted.timeframe}
    for column, value in same.items():
        query = query.where(column == value) if value is not None else query
    if wanted.before is not None:
        query = query.where(t.id < wanted.before)
    return [_public(row) for row in connection.execute(query.order_by(t.id.desc()).limit(limit))]


def _public(row: Sequence[object]) -> tuple[int, PublicAlert]:
    number, id_, at, symbol, exchange, timeframe, label, value, price, late = row
    assert isinstance(number, int)
    assert isinstance(at, int)
    size = None if value is None else float(str(value))
    shown = canonical(f"{price:f}" if not isinstance(price, str) else price)
    return number, PublicAlert(
        str(id_), iso(at), str(symbol), str(exchange), str(timeframe or ""), SIGNAL_TYPE,
        direction(str(label)), strength(size), shown, bool(late),
    )  # fmt: skip
