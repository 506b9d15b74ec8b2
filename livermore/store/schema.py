"""The version of the SQL schema: asking for it, and bringing a database up to this program's."""

from functools import cache
from importlib.resources import files

from sqlalchemy import Connection, Engine, inspect, text

from livermore.errors import Transient

MIGRATIONS = "livermore:store/migrations"


@cache
def newest() -> str:
    """The revision that this program needs: the highest-numbered file of the migrations."""
    folder = files("livermore.store") / "migrations" / "versions"
    return max(file.name for file in folder.iterdir() if file.name[:1].isdigit()).partition("_")[0]


def check(connection: Connection) -> None:
    """Raise unless the database has this program's schema.

    Raises:
        Transient: it is empty, behind or ahead; the text names both revisions and the command that helps.
    """
    held = current(connection)
    if held != newest():
        found = f"revision {held}" if held else "no tables"
        raise Transient(
            f"the database has {found}, this program needs {newest()}: run `livermore db upgrade`", retry_after=5
        )


def current(connection: Connection) -> str | None:
    """The revision that the database is at, or None."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine) -> None:
    """Run the migrations that the database lacks."""
    from alembic import command  # noqa: PLC0415 - takes a second to import, and only those who migrate need it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
