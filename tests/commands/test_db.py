"""Tests of the commands on the SQL schema: what they say of each revision, and that nobody else migrates."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from livermore import cli
from livermore.store import schema
from livermore.store.settings import DatabasePlace
from livermore.store.sql import look_into, make_engine
from tests.architecture.sources import imports, name_of, sources, tree_of
from tests.support.mariadb import MariaDB
from tests.support.revisions import AFTER, BEFORE, expand, go_back

FAR = f"{int(AFTER) + 1:04}"
Type = Callable[..., tuple[int, str, str]]


@pytest.fixture(params=["sqlite", "mariadb"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> DatabasePlace:
    """A database without tables."""
    if request.param == "sqlite":
        (tmp_path / "new.db").touch()
        return DatabasePlace.model_validate({"url": f"sqlite:///{tmp_path / 'new.db'}"})
    server: MariaDB = request.getfixturevalue("mariadb_server")
    return server.database()


@pytest.fixture
def type_(place: DatabasePlace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Type:
    """Types a command, and gives its exit code and what it says."""
    monkeypatch.setenv("DATABASE_URL", place.full_url)
    monkeypatch.setenv("LIVERMORE_REDIS_URL", "redis://127.0.0.1:1")

    def typed(*words: str) -> tuple[int, str, str]:
        code = cli.main([*words, "--mode", "pw-host"])
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


def tables(place: DatabasePlace) -> list[str]:
    with look_into(place) as connection:
        return inspect(connection).get_table_names()


def test_each_revision_is_told_with_who_waits_and_what_helps(place: DatabasePlace, type_: Type, tmp_path: Path) -> None:
    newest, engine = schema.newest(), make_engine(place)
    helps = "run `livermore db upgrade`"
    code, said, _ = type_("db", "status")
    assert (code, said) == (
        1,
        f"the database has no tables, this program is made for {newest}\nwriters wait, and fronts wait, too: {helps}\n",
    )
    assert type_("db", "upgrade")[:2] == (0, f"the database is at revision {newest}\n")
    code, said, _ = type_("db", "status")
    assert code == 0
    assert said.endswith("there is nothing to do\n")
    go_back(engine)
    code, said, _ = type_("db", "status")
    assert (code, f"has revision {BEFORE}," in said) == (1, True)
    assert said.endswith(f"writers wait, and fronts go on: {helps}\n")
    assert type_("db", "upgrade")[0] == 0
    expand(engine, tmp_path)
    code, said, _ = type_("db", "status")
    assert (code, f"has revision {AFTER}," in said) == (0, True)
    assert said.endswith("replace the programs by newer ones, in any order\n")
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{FAR}'"))
    code, said, _ = type_("db", "status")
    assert code == 1
    assert said.endswith("writers wait, and fronts wait, too: run `pip install --upgrade livermore`\n")
    engine.dispose()


def test_a_command_that_needs_the_schema_does_not_make_it(place: DatabasePlace, type_: Type) -> None:
    code, said, error = type_("keys", "create", "somebody")
    assert (code, said) == (69, "")
    assert "has no tables" in error
    assert "`livermore db upgrade`" in error
    assert tables(place) == []


def test_a_server_that_is_not_there_is_told_and_not_waited_for(type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql+pymysql://u:s3cret@127.0.0.1:1/livermore")
    for what in ("status", "upgrade"):
        code, said, error = type_("db", what)
        assert (code, said) == (69, "")
        assert "Connection refused" in error
        assert "s3cret" not in error


def test_looking_at_a_database_file_that_is_not_there_does_not_make_it(
    type_: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    code, said, error = type_("db", "status")
    assert (code, said) == (69, "")
    assert "no database file" in error
    assert "`livermore db upgrade`" in error
    assert not (tmp_path / "none.db").exists()


def test_nobody_migrates_but_who_is_asked_to_and_the_embedded_stores() -> None:
    calls = {
        name_of(path)
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and "upgrade" in (getattr(node.func, "attr", ""), getattr(node.func, "id", ""))
    }
    assert calls == {"commands/db.py", "store/embedded.py", "store/schema.py"}
    alembic = {
        name_of(path) for path in sources() if any(name.startswith("alembic") for name in imports(tree_of(path)))
    }
    assert {name for name in alembic if not name.startswith("store/migrations/")} == {"store/schema.py"}
