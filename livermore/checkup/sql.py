"""SQL: whether it answers, is new enough, has this program's schema, keeps all texts whole, and knows the time."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from livermore.checkup.finding import Finding, graded, ok
from livermore.clock import Clock
from livermore.store import schema
from livermore.store.settings import DatabasePlace
from livermore.store.sql import look_into
from livermore.store.tables import metadata

OLDEST = {"MariaDB": (10, 6), "MySQL": (8, 0), "SQLite": (3, 35)}
"""What this program is tested with, or made for."""
SKEW = 2.0
"""Seconds that its clock and ours may differ."""
UTF8 = "utf8mb4"


def look(place: DatabasePlace, reach: schema.Reach, clock: Clock) -> Iterator[Finding]:
    """All findings; ``reach``: of those who are to use it. Raises as `look_into` does where it does not answer."""
    with look_into(place) as connection:
        lite = connection.dialect.name == "sqlite"
        yield _server(connection, lite=lite)
        yield _schema(connection, reach)
        if not lite:
            yield _charset(connection)
            yield from _tables(connection)
            yield _strictness(connection)
            yield _rights(connection)
            yield _clock(connection, clock)


def _server(connection: Connection, *, lite: bool) -> Finding:
    told = str(connection.execute(text(f"SELECT {'sqlite_version' if lite else 'version'}()")).scalar())
    name = "SQLite" if lite else "MariaDB" if "mariadb" in told.lower() else "MySQL"
    version = tuple(map(int, re.findall(r"\d+", told)[:2]))
    where = connection.engine.url.database if lite else f"{connection.engine.url.host}/{connection.engine.url.database}"
    needed = ".".join(map(str, OLDEST[name]))
    found = f"{name} {told.partition('-')[0]} answers at {where}"
    return graded("sql", found, f"install {name} {needed} or later", bad=False, worrying=version < OLDEST[name])


def _schema(connection: Connection, reach: schema.Reach) -> Finding:
    held = schema.current(connection)
    found = f"{schema.shown(held)}, this program is made for {schema.newest()}"
    bad = schema.difference(held, reach) is not None
    return graded("sql schema", found, f"run `{schema.remedy(held)}`", bad=bad, worrying=held != schema.newest())


def _charset(connection: Connection) -> Finding:
    row = connection.execute(text("SELECT @@character_set_client, @@character_set_database")).one()
    spoken, kept = map(str, row)
    remedy = f"add ?charset={UTF8} to its URL" if spoken != UTF8 else f"ALTER DATABASE ... CHARACTER SET {UTF8}"
    found = f"{spoken} is spoken, {kept} the database's own"
    return graded("sql charset", found, remedy, bad=spoken != UTF8, worrying=kept != UTF8)


def _tables(connection: Connection) -> Iterator[Finding]:
    query = text(
        "SELECT table_name, table_collation FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
    )
    ours = [(name, kept) for name, kept in connection.execute(query) if name in metadata.tables]
    for name, kept in ours:
        if not str(kept).startswith(UTF8):
            remedy = f"ALTER TABLE {name} CONVERT TO CHARACTER SET {UTF8}"
            yield graded("sql charset", f"table {name} keeps {kept}", remedy, bad=True, worrying=True)


def _strictness(connection: Connection) -> Finding:
    modes = str(connection.execute(text("SELECT @@sql_mode")).scalar())
    lax = "STRICT_TRANS_TABLES" not in modes and "STRICT_ALL_TABLES" not in modes
    remedy = "add STRICT_TRANS_TABLES to sql_mode: else what is too long is cut off, and nobody told"
    return graded("sql mode", "lax" if lax else "strict", remedy, bad=False, worrying=lax)


def _rights(connection: Connection) -> Finding:
    may_not = bool(connection.execute(text("SELECT @@read_only")).scalar())
    if not may_not:
        return ok("sql role", "may be written")
    return graded("sql role", "read-only", "name the server that it copies", bad=False, worrying=True)


def _clock(connection: Connection, clock: Clock) -> Finding:
    sent = clock.wall()
    told = float(connection.execute(text("SELECT UNIX_TIMESTAMP(NOW(6))")).scalar() or 0)
    offset = told - (sent + clock.wall()) / 2000
    remedy = "let NTP set both clocks"
    return graded("sql clock", f"{offset:+.1f} s from ours", remedy, bad=False, worrying=abs(offset) > SKEW)
