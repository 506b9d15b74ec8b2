"""SQL: an engine with bounded waits, run in threads of its own, and a schema that is checked before it is used."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine.interfaces import Dialect

from livermore.errors import Transient
from livermore.store.expansion import HELD
from livermore.store.schema import WRITER, Reach, check, newest
from livermore.store.settings import DatabasePlace
from livermore.store.turns import Turns

T = TypeVar("T")

THREADS = 4
CONNECT_TIMEOUT = 2
"""Seconds."""
_OUTSIDE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, exc.InternalError)
"""Errors that say something of the server, not of the statement."""


def make_engine(place: DatabasePlace) -> Engine:
    """An engine that gives up on a hung server within 6 s (`reliability.md` 5.3); nothing is connected yet."""
    if place.full_url.startswith("sqlite"):
        engine = create_engine(place.full_url, hide_parameters=True, connect_args={"timeout": 5})
        event.listen(engine, "connect", _set_up_sqlite)
        return engine
    limits = {"connect_timeout": CONNECT_TIMEOUT, "read_timeout": 3, "write_timeout": 3}
    pool: dict[str, Any] = {"pool_size": THREADS, "max_overflow": 0, "pool_timeout": 2, "pool_recycle": 300}
    engine = create_engine(place.full_url, hide_parameters=True, pool_pre_ping=True, connect_args=limits, **pool)
    event.listen(engine, "do_connect", _connect)
    return engine


def _connect(dialect: Dialect, _: Any, args: list[Any], given: dict[str, Any]) -> Any:
    """A connection at a path: PyMySQL would leave its socket open where nobody listens. None: as it does elsewhere.

    Nothing leaves the machine, so nothing is encrypted unless that is asked for: getting ready to would take longer
    than all the rest.
    """
    if "unix_socket" not in given:
        return None
    with ExitStack() as undo:
        ours = undo.enter_context(socket.socket(socket.AF_UNIX))
        ours.settimeout(CONNECT_TIMEOUT)
        try:
            ours.connect(given["unix_socket"])
        except OSError as error:
            raise dialect.loaded_dbapi.OperationalError(2003, f"nobody answers at {given['unix_socket']}") from error
        given.setdefault("ssl_disabled", "ssl" not in given)
        connection = dialect.loaded_dbapi.connect(*args, defer_connect=True, **given)
        connection.connect(ours)
        undo.pop_all()
    return connection


def _set_up_sqlite(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except _OUTSIDE as error:
        said = error.orig if isinstance(error, exc.DBAPIError) else error  # without the statement
        raise Transient(f"SQL at {engine.url.host or 'this machine'} cannot answer: {said}") from error


@contextmanager
def look_into(place: DatabasePlace) -> Iterator[Connection]:
    """One transaction on a database of whatever schema, for those who look after it.

    Raises:
        Transient: the server cannot answer, or there is no such file.
    """
    engine = make_engine(place)
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
            raise Transient(f"there is no database file {engine.url.database}: run `livermore db upgrade`")
        with _transaction(engine) as connection:
            yield connection
    finally:
        engine.dispose()


class Database:
    """Transactions as functions of a connection.

    The schema is checked before the first of them, and again after an error, as another database may stand there by
    then; one that is behind is looked at before each, as it will not be for long.
    """

    def __init__(self, place: DatabasePlace, reach: Reach = WRITER) -> None:
        """``reach``: how far the schema may be from this program's."""
        self._engine = make_engine(place)
        self._reach = reach
        self._held = ""
        self._closed = False

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction, in this thread.

        Raises:
            Transient: the server cannot answer, or its schema is out of reach. The work may have been done.
        """
        try:
            with _transaction(self._engine) as connection:
                if self._held < newest():
                    self._held = check(connection, self._reach)
                connection.info[HELD] = self._held
                return work(connection)
        except Transient:
            self._held = ""
            raise
        finally:
            if self._closed:
                self._engine.pool.dispose()

    async def run_aside(self, work: Callable[[Connection], T]) -> T:
        """As `run`, in a thread of a small pool, for an event loop; while the server does not answer, one tries."""
        threads, turns = self._aside
        return await turns.take(lambda: asyncio.get_running_loop().run_in_executor(threads, self.run, work))

    @cached_property
    def _aside(self) -> tuple[ThreadPoolExecutor, Turns]:
        return ThreadPoolExecutor(THREADS, thread_name_prefix="sql"), Turns(THREADS)

    def close(self) -> None:
        """Give all connections back; one that is in use is given back by whoever uses it."""
        self._closed = True
        self._aside[0].shutdown(wait=False, cancel_futures=True)
        self._engine.pool.dispose()
