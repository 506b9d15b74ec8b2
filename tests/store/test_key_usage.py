"""Usage of keys: several processes add up, days do not mix, and nothing goes back."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import event, select

from livermore.store import api_keys, key_usage
from livermore.store.key_usage import DAY, Use
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import api_keys as table

TODAY = 19_000
NOON = TODAY * DAY + DAY // 2
A, B = ("lvm_" + letter * 12 + "_" + "x" * 43 for letter in "ab")


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    for key in (A, B):
        made.run(partial(api_keys.create, name="me", now=0, key=key))
    yield made
    made.close()


def add(database: Database, *uses: Use) -> None:
    database.run(partial(key_usage.add, uses=uses))


def held(database: Database) -> list[tuple[object, ...]]:
    columns = (table.c.used_day, table.c.used_times, table.c.last_used_at)
    return database.run(lambda c: [tuple(row) for row in c.execute(select(*columns).order_by(table.c.key_id))])


def test_what_processes_have_counted_adds_up(database: Database) -> None:
    assert held(database) == [(None, 0, None)] * 2
    add(database, Use("b" * 12, TODAY, 3, NOON), Use("a" * 12, TODAY, 1, NOON + 1))
    add(database, Use("a" * 12, TODAY, 41, NOON))
    assert held(database) == [(TODAY, 42, NOON + 1), (TODAY, 3, NOON)]
    assert database.run(partial(key_usage.today, key_id="a" * 12, day=TODAY)) == 42


def test_a_new_day_begins_at_nought_and_a_late_count_of_the_old_one_does_not_spoil_it(database: Database) -> None:
    add(database, Use("a" * 12, TODAY, 5, NOON))
    add(database, Use("a" * 12, TODAY + 1, 2, NOON + DAY), Use("a" * 12, TODAY, 9, NOON + 2))
    assert held(database)[0] == (TODAY + 1, 2, NOON + DAY)
    add(database, Use("a" * 12, TODAY, 7, NOON + 3))
    assert held(database)[0] == (TODAY + 1, 2, NOON + DAY)
    assert database.run(partial(key_usage.today, key_id="a" * 12, day=TODAY)) == 0
    assert database.run(partial(key_usage.today, key_id="c" * 12, day=TODAY)) == 0


def test_all_keys_are_written_by_one_statement_and_none_where_nothing_was_counted(database: Database) -> None:
    batches: list[bool] = []
    event.listen(database._engine, "before_cursor_execute", lambda *given: batches.append(given[-1]))
    add(database, *(Use(letter * 12, TODAY, 1, NOON) for letter in "abc"))
    add(database)
    assert batches.count(True) == 1


@pytest.mark.parametrize(("moment", "day"), [(0, 0), (DAY - 1, 0), (DAY, 1), (1_700_000_000_000, 19_675)])
def test_a_day_is_one_of_utc(moment: int, day: int) -> None:
    assert key_usage.day_of(moment) == day
