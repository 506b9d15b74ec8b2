"""Old rows: they go oldest first and a bounded number at a time, and a row that is to be kept is never among them."""

from collections.abc import Iterator, Sequence
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select

from livermore.market.timeframe import Timeframe
from livermore.store import alert_history, audit_log, old_rows
from livermore.store.audit_log import Deed
from livermore.store.old_rows import TABLES, Limits
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import alert_history as table
from livermore.sweeping.retention import Retention
from tests.store.test_alert_history import alert
from tests.support.candles import T0

ALERTS = TABLES[0]
MINUTE, DAY = 60_000, 86_400_000
NOW = T0 + 400 * DAY
HISTORY = 350


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def record(database: Database, moments: Sequence[tuple[int, str]]) -> None:
    """Alerts that were raised at these moments (ms), of a candle of this timeframe that had just closed."""

    def all_(connection: Connection) -> None:
        for number, (at, timeframe) in enumerate(moments):
            opened = at - Timeframe(timeframe).ms
            made = alert(number, id=f"{number:032x}", timeframe=timeframe, candle_time=opened, triggered_at=at)
            alert_history.record(connection, exchange_id=1, alert=made)

    database.run(all_)


def held(database: Database) -> list[int]:
    return database.run(lambda c: [*c.execute(select(table.c.triggered_at).order_by(table.c.triggered_at)).scalars()])


def remove(database: Database, before: int, now: int = NOW) -> int:
    return database.run(partial(old_rows.remove, rows=ALERTS, limits=Limits(before, now, HISTORY)))


def test_the_oldest_go_first_a_bounded_number_at_a_time_until_only_the_young_are_left(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_rows, "BATCH", 4)
    moments = [T0 + i * DAY for i in (9, 3, 7, 1, 5, 0, 2, 8, 4, 6)]
    record(database, [(at, "1m") for at in moments])
    bound = T0 + 6 * DAY
    assert remove(database, bound) == 4
    assert held(database) == [T0 + i * DAY for i in range(4, 10)]
    assert database.run(partial(old_rows.oldest, rows=ALERTS)) == T0 + 4 * DAY
    assert [remove(database, bound) for _ in range(2)] == [2, 0]
    assert held(database) == [T0 + i * DAY for i in range(6, 10)]


def test_an_alert_stays_as_long_as_its_candle_does(database: Database) -> None:
    """Rules may be asked again about a candle that is stored, and must not raise for it what SQL has forgotten."""
    record(database, [(T0 + DAY, "1m"), (T0 + 2 * DAY, "1d"), (NOW - 300 * DAY, "1d")])
    assert remove(database, NOW) == 2
    assert held(database) == [NOW - 300 * DAY]


def test_a_table_without_rows_has_no_oldest(database: Database) -> None:
    assert database.run(partial(old_rows.oldest, rows=ALERTS)) is None
    assert remove(database, NOW) == 0


def test_every_swept_table_has_an_id_and_a_key_of_the_retention() -> None:
    assert all("id" in rows.at.table.c for rows in TABLES)
    assert {rows.kind for rows in TABLES} <= set(Retention.model_fields)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.integers(0, 400), max_size=12),
    bound=st.integers(0, 400),
    timeframe=st.sampled_from([*Timeframe]),
)
def test_nothing_younger_than_the_bound_is_ever_removed_and_in_the_end_nothing_older_is_left(
    database: Database, days: list[int], bound: int, timeframe: Timeframe
) -> None:
    database.run(lambda connection: connection.execute(delete(table)))
    record(database, [(T0 + day * DAY, timeframe) for day in days])
    before = T0 + bound * DAY
    while remove(database, before):
        assert [at for at in held(database) if at >= before] == [T0 + d * DAY for d in sorted(days) if d >= bound]
    gone = NOW - (HISTORY + 1) * timeframe.ms + timeframe.ms
    assert held(database) == sorted(at for d in days if (at := T0 + d * DAY) >= min(before, gone))


def test_deeds_in_the_audit_log_go_by_their_own_time(database: Database) -> None:
    (audit,) = (rows for rows in TABLES if rows.kind == "audit")
    for at in (T0, T0 + DAY, T0 + 2 * DAY):
        deed = Deed(at, "token", None, "somebody", "POST /admin/v1/keys", {}, "127.0.0.1", "r")
        database.run(partial(audit_log.begin, deed=deed))
    limits = Limits(T0 + DAY, NOW, HISTORY)
    assert database.run(partial(old_rows.remove, rows=audit, limits=limits)) == 1
    assert database.run(partial(old_rows.oldest, rows=audit)) == T0 + DAY
