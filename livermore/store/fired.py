"""What had fired, from the alert history: what the rules remember of a series does not live in Redis alone."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from livermore.market.timeframe import Timeframe
from livermore.store.tables import alert_history as table

NEWEST = 500
"""Alerts that are looked back upon: what they say of a symbol's state is long over before them."""


class Fired(NamedTuple):
    """An alert that is recorded: of which series, ``close_time`` of its candle (ms), and the label of its trigger.

    ``settled``: somebody was told of it, or nobody is to be told.
    """

    id: str
    timeframe: Timeframe
    close_time: int
    label: str
    settled: bool


def of_symbol(connection: Connection, exchange_id: int, symbol: str) -> list[Fired]:
    """The newest alerts of a symbol, newest first."""
    t = table.c
    mine = (t.exchange_id == exchange_id) & (t.symbol == symbol) & t.timeframe.is_not(None)
    columns = t.alert_id, t.timeframe, t.candle_time, t.trigger_label, t.late | t.notification_sent
    query = select(*columns).where(mine).order_by(t.id.desc()).limit(NEWEST)
    return [_fired(*row) for row in connection.execute(query)]


def recorded_to(connection: Connection, exchange_id: int) -> int | None:
    """When (ms) the newest candle closed of which an alert is recorded; None where there is none."""
    t = table.c
    rows = select(t.candle_time, t.timeframe).where(t.exchange_id == exchange_id, t.timeframe.is_not(None))
    newest = connection.execute(rows.order_by(t.id.desc()).limit(NEWEST))
    return max((at + Timeframe(timeframe).ms for at, timeframe in newest), default=None)


def _fired(id_: str, timeframe: str, candle_time: int, label: str, settled: bool) -> Fired:  # noqa: FBT001
    return Fired(id_, Timeframe(timeframe), candle_time + Timeframe(timeframe).ms, label, bool(settled))
