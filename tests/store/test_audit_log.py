"""The audit log in SQL: rows are begun, ended, and read from the newest on."""

from collections.abc import Iterator
from functools import partial

import pytest
from alembic import command
from sqlalchemy import Engine

from livermore.errors import Transient
from livermore.store import audit_log, schema
from livermore.store.audit_log import Deed, Entry, Wanted
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database

DEED = Deed(7, "token", None, "somebody", "POST /admin/v1/keys", {"name": "x"}, "127.0.0.1", "r-1")


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def begin(database: Database, **changes: object) -> int:
    return database.run(partial(audit_log.begin, deed=DEED._replace(**changes)))


def page(database: Database, limit: int = 100, **wanted: object) -> list[Entry]:
    return database.run(partial(audit_log.page, wanted=Wanted(**wanted), limit=limit))


def test_a_row_has_no_status_until_it_ends(database: Database) -> None:
    number = begin(database)
    assert page(database) == [Entry(number, **DEED._asdict(), status=None)]
    database.run(partial(audit_log.end, number=number, status=201))
    assert [one.status for one in page(database)] == [201]


def test_what_was_refused_has_its_status_at_once(database: Database) -> None:
    database.run(partial(audit_log.begin, deed=DEED, status=403))
    assert [one.status for one in page(database)] == [403]


def test_the_newest_come_first_and_are_chosen_by_who_and_what(database: Database) -> None:
    numbers = [begin(database, identity=who, action=what) for who in ("token", "user_2ann") for what in ("A b", "A c")]
    assert [one.id for one in page(database)] == numbers[::-1]
    assert [one.id for one in page(database, limit=1, before=numbers[3])] == [numbers[2]]
    assert [one.id for one in page(database, identity="user_2ann")] == numbers[:1:-1]
    assert [one.id for one in page(database, action="A c")] == [numbers[3], numbers[1]]
    assert [one.id for one in page(database, action="A ")] == numbers[::-1]
    for nothing in ({"identity": "USER_2ANN"}, {"action": "%"}, {"action": "a b"}, {"action": "_ b"}):
        assert page(database, **nothing) == []


def test_what_is_too_long_for_its_column_is_cut(database: Database) -> None:
    begin(database, name="n" * 500, action="a" * 500, address="1" * 500)
    (found,) = page(database)
    assert (len(found.name), len(found.action), len(found.address)) == (100, 150, 64)


def test_before_the_upgrade_nothing_can_be_written_and_nothing_is_there(place: DatabasePlace, engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(schema.config(connection), "0004")
    with engine.begin() as connection:
        assert audit_log.page(connection, Wanted(), 10) == []
        with pytest.raises(Transient, match="livermore db upgrade"):
            audit_log.begin(connection, DEED)
