"""MySQL itself, as far as it can be tried where there is none: what is sent to it compiles, in words that it knows."""

import re
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Executable, event
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from livermore.store import migrations, schema
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from livermore.store.tables import metadata
from tests.store import statements

OTHERS = re.compile(r"\b(RETURNING|ON CONFLICT|INSERT (OR|IGNORE)|REPLACE INTO|AUTOINCREMENT|PRAGMA|UUID|INET6)\b|->")
"""What only others understand, or what hides errors."""


@cache
def dialect() -> Any:
    """As PyMySQL's engine has it once it has met a server of version 8.0, which is no MariaDB."""
    made: Any = mysql.dialect()
    made.server_version_info = (8, 0, 36)
    return made


@pytest.fixture
def executed(sqlite: DatabasePlace) -> list[Any]:
    """What is executed, as it was before it was compiled, with its parameters."""
    engine, found = make_engine(sqlite), list[Any]()

    def note(_: Any, clause: Executable, several: Any, one: Any, __: Any) -> None:
        found.append(clause)

    event.listen(engine, "before_execute", note)
    with engine.begin() as connection:
        for work in (*statements.WRITERS, *statements.FRONTS):
            work(connection)
    engine.dispose()
    return found


def test_every_statement_of_the_stores_compiles_for_mysql(executed: list[Any]) -> None:
    said = [str(clause.compile(dialect=dialect())) for clause in executed]
    assert len(said) >= len(statements.WRITERS) + len(statements.FRONTS)
    assert not [text for text in said if OTHERS.search(text)]


def test_every_table_is_described_for_mysql() -> None:
    for table in metadata.tables.values():
        text = str(CreateTable(table).compile(dialect=dialect()))
        assert "ENGINE=InnoDB" in text
        assert "CHARSET=utf8mb4" in text
        assert not OTHERS.search(text)


def test_every_migration_can_be_written_down_for_mysql(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Alembic would send, but for the rows, which go beside their statement where there is a server."""
    monkeypatch.setattr(op, "bulk_insert", lambda *_: None)
    written = StringIO()
    context = MigrationContext.configure(dialect=dialect(), opts={"as_sql": True, "output_buffer": written})
    names = sorted(file.stem for file in (Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))
    with Operations.context(context):
        for name in names:
            import_module(f"{migrations.__name__}.versions.{name}").upgrade()
    text = written.getvalue()
    assert text.count("CREATE TABLE") >= len(metadata.tables)
    assert names[-1].startswith(schema.newest())
    assert not OTHERS.search(text)
