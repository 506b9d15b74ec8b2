"""The revision of the SQL schema: which one a database has, who can live with it, and bringing it up to date."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Engine, exc, inspect, text

from livermore.errors import LivermoreError, Transient

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = "livermore:store/migrations"


class Reach(NamedTuple):
    """How many revisions a database may be behind this program, and ahead of it."""

    behind: int
    ahead: int


READER = Reach(1, 1)
"""A front: it is replaced before the database or after it."""
WRITER = Reach(0, 1)
"""Whoever writes needs all columns, and knows nothing of those that came after it."""


@cache
def newest() -> str:
    """The revision that this program is made for: the highest-numbered file of the migrations."""
    folder = files("livermore.store") / "migrations" / "versions"
    return max(file.name for file in folder.iterdir() if file.name[:1].isdigit()).partition("_")[0]


def check(connection: Connection, reach: Reach = WRITER) -> str:
    """The revision that the database is at, if it lies within reach.

    Raises:
        Transient: it does not, or has no tables; the text names both revisions and the command that helps.
    """
    held = current(connection)
    fault = difference(held, reach)
    if fault is not None:
        raise Transient(fault, retry_after=5)
    assert held is not None
    return held


def difference(held: str | None, reach: Reach = WRITER) -> str | None:
    """What is wrong with this revision for those of this reach, and the command that helps; None where nothing is."""
    if -reach.behind <= _steps(held) <= reach.ahead:
        return None
    return f"the database has {shown(held)}, this program needs {newest()}: run `{remedy(held)}`"


def shown(held: str | None) -> str:
    """A revision for people."""
    return f"revision {held}" if held else "no tables"


def remedy(held: str | None) -> str:
    """The command that helps where a database has another revision than this program's."""
    return "livermore db upgrade" if _steps(held) < 0 else "pip install --upgrade livermore"


def _steps(held: str | None) -> float:
    """How far a revision is ahead of this program; infinitely where it has none, or one that is no number of ours."""
    if held is None:
        return float("-inf")
    return int(held) - int(newest()) if held.isascii() and held.isdigit() else float("inf")


def current(connection: Connection) -> str | None:
    """The revision that the database is at, or None."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def config(connection: Connection) -> "Config":
    """Alembic's configuration for a database."""
    from alembic.config import Config  # noqa: PLC0415 - takes a second to import, and only those who migrate need it

    made = Config()
    made.set_main_option("script_location", MIGRATIONS)
    made.attributes["connection"] = connection
    return made


def upgrade(engine: Engine) -> None:
    """Run the migrations that the database lacks.

    Raises:
        LivermoreError: it cannot be reached or changed, or has a schema that this program does not know.
    """
    from alembic import command  # noqa: PLC0415 - as above

    try:
        with engine.begin() as connection:
            held = current(connection)
            fault = difference(held, Reach(10**6, 0))
            if held is not None and fault is not None:
                raise LivermoreError(fault)
            command.upgrade(config(connection), "head")
    except exc.OperationalError as error:
        raise Transient(f"the database cannot be upgraded: {error.orig}") from error
