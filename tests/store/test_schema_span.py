"""Expand and contract: programs and databases are replaced one after the other, and work at every step between."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Column, Engine, Integer, MetaData, Table, inspect, select, text

from livermore.errors import Transient
from livermore.store import api_keys, catalogue, schema
from livermore.store.expansion import SINCE, has, readable, storable
from livermore.store.schema import READER, WRITER, Reach
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import metadata
from tests.store import statements
from tests.support.revisions import AFTER, BEFORE, expand, go_back

FAR_AHEAD = f"{int(AFTER) + 1:04}"
FAR_BEHIND = f"{int(BEFORE) - 1:04}"
REVISIONS = [f"{number:04}" for number in range(1, int(schema.newest()) + 1)]


def refused(place: DatabasePlace, reach: Reach) -> str:
    database = Database(place, reach)
    with pytest.raises(Transient) as caught:
        database.run(lambda _: pytest.fail("on a schema out of reach"))
    database.close()
    return str(caught.value)


def mark(engine: Engine, revision: str) -> None:
    """Say that the database is at this revision."""
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))


# -- who lives with which


def test_a_front_and_a_writer_work_on_an_expanded_schema(place: DatabasePlace, engine: Engine, tmp_path: Path) -> None:
    schema.upgrade(engine)
    expand(engine, tmp_path)
    writer, front = Database(place, WRITER), Database(place, READER)
    for work in statements.WRITERS:
        writer.run(work)
    for work in statements.FRONTS:
        front.run(work)
    writer.close()
    front.close()


def test_a_front_works_on_the_schema_before_its_own_and_a_writer_waits_for_the_upgrade(
    place: DatabasePlace, engine: Engine
) -> None:
    schema.upgrade(engine)
    writer, front = Database(place, WRITER), Database(place, READER)
    for work in statements.WRITERS:
        writer.run(work)
    writer.close()
    go_back(engine)
    said = refused(place, WRITER)
    assert f"has revision {BEFORE}" in said
    assert f"needs {schema.newest()}" in said
    assert "`livermore db upgrade`" in said
    for work in statements.FRONTS:
        front.run(work)
    key = front.run(lambda connection: api_keys.find(connection, statements.KEY_ID))
    assert key is not None
    assert api_keys.matches(key, statements.KEY.split("_", 2)[2])
    assert len(front.run(lambda connection: catalogue.page(connection, None, 0, 10))) == 1
    front.close()


def test_further_away_everybody_refuses_with_both_numbers_and_what_helps(place: DatabasePlace, engine: Engine) -> None:
    schema.upgrade(engine)
    for held, helps in ((FAR_BEHIND, "livermore db upgrade"), (FAR_AHEAD, "pip install --upgrade livermore")):
        mark(engine, held)
        for reach in (READER, WRITER):
            said = refused(place, reach)
            assert f"has revision {held}" in said
            assert f"needs {schema.newest()}" in said
            assert f"run `{helps}`" in said


def test_a_revision_that_is_no_number_of_ours_is_refused(place: DatabasePlace, engine: Engine) -> None:
    schema.upgrade(engine)
    mark(engine, "ae1027a6acf")
    assert "has revision ae1027a6acf" in refused(place, READER)


def test_a_front_uses_what_is_new_as_soon_as_the_database_has_it(place: DatabasePlace, engine: Engine) -> None:
    schema.upgrade(engine)
    go_back(engine)
    front = Database(place, READER)
    new = next(column for table in metadata.tables.values() for column in table.c if newest(column))
    assert not front.run(lambda connection: has(connection, new))
    schema.upgrade(engine)
    assert front.run(lambda connection: has(connection, new))
    front.close()


def newest(column: Column[Any]) -> bool:
    return schema.newest() in (column.info.get(SINCE), column.table.info.get(SINCE))


def test_after_an_error_the_schema_is_looked_at_again(place: DatabasePlace, engine: Engine) -> None:
    schema.upgrade(engine)
    front = Database(place, READER)
    front.run(lambda _: None)
    mark(engine, FAR_AHEAD)
    front.run(lambda _: None)
    with pytest.raises(Transient):
        front.run(lambda connection: connection.execute(text("SELECT gone FROM exchanges")))
    with pytest.raises(Transient, match=FAR_AHEAD):
        front.run(lambda _: None)
    front.close()


def test_what_the_database_lacks_is_null_in_queries_and_left_out_of_writes(
    place: DatabasePlace, engine: Engine
) -> None:
    schema.upgrade(engine)
    later = Table("exchanges", MetaData(), Column("id", Integer), Column("spark", Integer, info={SINCE: AFTER}))
    with engine.begin() as connection:
        columns = readable(connection, later.c.id, later.c.spark)
        row = connection.execute(select(*columns).select_from(later).where(later.c.id == 3)).one()
        assert row._asdict() == {"id": 3, "spark": None}
        assert storable(connection, later, {"id": 3, "spark": 7}) == {"id": 3}
        connection.execute(text("ALTER TABLE exchanges ADD COLUMN spark INTEGER"))
        connection.info.clear()
    mark(engine, AFTER)
    with engine.begin() as connection:
        assert storable(connection, later, {"id": 3, "spark": 7}) == {"id": 3, "spark": 7}
        assert readable(connection, later.c.spark) == [later.c.spark]


# -- every migration keeps the rule


def shape(engine: Engine) -> dict[str, dict[str, Any]]:
    """Columns by table and name, and under ``!`` what refuses rows."""
    found: dict[str, dict[str, Any]] = {}
    with engine.connect() as connection:
        looked = inspect(connection)
        for table in looked.get_table_names():
            found[table] = {column["name"]: column for column in looked.get_columns(table)}
            unique = [tuple(one["column_names"]) for one in looked.get_unique_constraints(table)]
            foreign = [tuple(one["constrained_columns"]) for one in looked.get_foreign_keys(table)]
            found[table]["!"] = {*unique, *foreign}
    return found


@pytest.mark.parametrize(("before", "after"), list(pairwise(REVISIONS)))
def test_a_migration_only_adds_what_the_program_before_it_need_not_know(
    engine: Engine, before: str, after: str
) -> None:
    """A contraction comes a revision after the last program that knew the column, and is entered here by its name."""
    with engine.begin() as connection:
        command.upgrade(schema.config(connection), before)
    old = shape(engine)
    with engine.begin() as connection:
        command.upgrade(schema.config(connection), after)
    new = shape(engine)
    for table, columns in old.items():
        assert columns["!"] >= new[table]["!"], f"{after} refuses rows of {table} that the program before it writes"
        for name in columns.keys() - {"!"}:
            assert name in new[table], f"{after} takes {table}.{name} away"
            was, now = columns[name], new[table][name]
            assert (repr(was["type"]), was["nullable"]) == (repr(now["type"]), now["nullable"]), f"{table}.{name}"
        for name in new[table].keys() - columns.keys():
            column = new[table][name]
            assert column["nullable"] or column["default"] is not None, f"{after}: {table}.{name} must be filled in"


def test_what_the_newest_migration_brings_is_marked_with_its_revision(place: DatabasePlace, engine: Engine) -> None:
    schema.upgrade(engine)
    go_back(engine)
    old = shape(engine)
    brought = {
        column for table in metadata.tables.values() for column in table.c if column.name not in old.get(table.name, {})
    }
    marked = {column for table in metadata.tables.values() for column in table.c if newest(column)}
    assert marked == brought


def test_all_that_the_stores_do_in_sql_is_tried_here() -> None:
    tried = {statements.name(work) for work in (*statements.WRITERS, *statements.FRONTS)}
    assert {one for one in tried if one.startswith("livermore.")} == set(statements.all_of_the_stores())
