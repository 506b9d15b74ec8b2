"""The version of the SQL schema: asking for it, and bringing a database up to this program's."""

from functools import cache
from importlib.resources import files

from sqlalchemy import Connection, Engine, exc, inspect, text

from livermore.errors import LivermoreError, Transient

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
        raise Transient(_difference(held), retry_after=5)


def _difference(held: str | None) -> str:
    found = f"revision {held}" if held else "no tables"
    ahead = held is not None and held > newest()
    remedy = "pip install --upgrade livermore" if ahead else "livermore db upgrade"
    return f"the database has {found}, this program needs {newest()}: run `{remedy}`"


def current(connection: Connection) -> str | None:
    """The revision that the database is at, or None."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine) -> None:
    """Run the migrations that the database lacks.

    Raises:
        LivermoreError: it cannot be reached or changed, or has a schema that this program does not know.
    """
    from alembic import command  # noqa: PLC0415 - takes a second to import, and only those who migrate need it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    try:
        with engine.begin() as connection:
            held = current(connection)
            if held is not None and held > newest():
                raise LivermoreError(_difference(held))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except exc.OperationalError as error:
        raise Transient(f"the database cannot be upgraded: {error.orig}") from error
