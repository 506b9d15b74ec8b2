"""SQL: one transaction a piece of work, bounded waits whatever becomes of the server, and no error once it is back."""

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial

import pymysql
import pytest
from sqlalchemy import Connection, exc, insert, select

from livermore.errors import Transient
from livermore.store import alert_history, epochs
from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import THREADS, Database, make_engine
from livermore.store.tables import alert_history as table
from livermore.store.tables import leases
from tests.store.test_alert_history import alert
from tests.store.test_epochs import interposed
from tests.support.mariadb import MariaDB
from tests.support.mariadb import mariadb as started_mariadb

AT_ONCE = 1.5
"""Seconds in which an error is there that no server has to be waited for."""

draw = partial(epochs.draw, exchange_id=1, owner="me", since=0)
current = partial(epochs.current, exchange_id=1)


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def cannot_answer(database: Database, work: Callable[[Connection], object], within: float) -> str:
    """What is said of a server that cannot answer, in time."""
    began = time.monotonic()
    with pytest.raises(Transient) as caught:
        database.run(work)
    assert time.monotonic() - began < within
    return str(caught.value)


# -- transactions


def test_work_that_fails_leaves_nothing_behind(database: Database) -> None:
    def half(connection: Connection) -> None:
        draw(connection, after=0)
        raise LookupError

    with pytest.raises(LookupError):
        database.run(half)
    assert database.run(current) == 0


def test_what_work_gives_is_given_on(database: Database) -> None:
    assert database.run(lambda _: "something") == "something"


def test_a_fault_of_the_statement_is_not_one_of_the_server(database: Database) -> None:
    with pytest.raises(exc.IntegrityError):
        database.run(
            lambda connection: connection.execute(insert(leases).values(exchange_id=99, epoch=1, owner="", since=0))
        )


def test_event_loops_run_work_aside_some_at_once(database: Database, runner: asyncio.Runner) -> None:
    together = threading.Barrier(THREADS)

    def work(connection: Connection) -> str:
        connection.execute(select(leases)).all()
        together.wait(5)  # which breaks unless all are there
        return threading.current_thread().name

    async def aside() -> list[str]:
        return await asyncio.gather(*(database.run_aside(work) for _ in range(THREADS)))

    assert len(set(runner.run(aside()))) == THREADS


def test_a_file_that_cannot_be_opened_cannot_answer() -> None:
    database = Database(DatabasePlace.model_validate({"url": "sqlite:////nonexistent/folder/x.db"}))
    assert "unable to open database file" in cannot_answer(database, current, AT_ONCE)


# -- outages of a server


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDB]:
    """A server for the tests of this file, which have their will with it."""
    with started_mariadb() as made:
        engine = make_engine(made.database())
        upgrade(engine)
        engine.dispose()
        made.run(
            "CREATE USER 'livermore'@'localhost' IDENTIFIED BY 's3cret'", "GRANT ALL ON test_1.* TO livermore@localhost"
        )
        yield made


@pytest.fixture
def place(server: MariaDB) -> DatabasePlace:
    server.run("DELETE FROM test_1.leases", "DELETE FROM test_1.alert_history")
    return server.place("test_1", "livermore:s3cret")


@pytest.fixture
def remote(place: DatabasePlace) -> Iterator[Database]:
    made = Database(place)
    yield made
    made.close()


def test_a_killed_server_cannot_answer_and_is_found_again(server: MariaDB, remote: Database) -> None:
    remote.run(current)
    server.kill()
    for _ in range(2):
        said = cannot_answer(remote, current, AT_ONCE)
        assert said.startswith("SQL at localhost cannot answer: ")
    server.start()
    gc.collect()  # what is left open is warned of here
    assert remote.run(current) == 0


def test_a_server_that_was_restarted_between_two_calls_is_no_error(server: MariaDB, remote: Database) -> None:
    remote.run(partial(draw, after=0))
    server.kill()
    server.start()
    assert remote.run(current) == 1


def test_a_hung_server_is_given_up_on_and_no_alert_is_doubled(
    server: MariaDB, place: DatabasePlace, remote: Database
) -> None:
    """All at once, as each takes its time: an open connection, a new one, and one in the middle of an insertion."""
    inserting, new = Database(place), Database(place)
    record = partial(alert_history.record, exchange_id=1, alert=alert())
    hung = threading.Event()

    def hang() -> None:
        server.freeze()
        hung.set()

    with ExitStack() as stack:
        stack.callback(new.close)
        stack.callback(inserting.close)
        threads = stack.enter_context(ThreadPoolExecutor(3))
        stack.callback(server.thaw)
        remote.run(current)
        interposed(inserting, "INSERT", hang)
        given_up: list[Future[str]] = [threads.submit(cannot_answer, inserting, record, 7.5)]
        assert hung.wait(5)
        given_up += [threads.submit(cannot_answer, database, current, 7.5) for database in (remote, new)]
        for one in given_up:
            one.result()
    assert remote.run(current) == new.run(current) == 0
    inserting.run(record)  # whether or not the first has been carried out after all
    assert not inserting.run(record)
    assert len(remote.run(lambda connection: connection.execute(select(table.c.id)).all())) == 1


def test_where_all_connections_are_taken_work_cannot_be_done(remote: Database) -> None:
    with ExitStack() as stack:
        for _ in range(THREADS):
            stack.enter_context(remote._engine.connect())
        began = time.monotonic()
        cannot_answer(remote, current, 3)
        assert time.monotonic() - began > 1.5
    assert remote.run(current) == 0


def test_a_server_with_too_many_clients_cannot_answer(server: MariaDB, remote: Database) -> None:
    connect = partial(pymysql.connect, unix_socket=str(server.socket), user="root")
    with connect() as one, ExitStack() as stack:
        one.cursor().execute("SET GLOBAL max_connections = 10")
        stack.callback(one.cursor().execute, "SET GLOBAL max_connections = 100")
        with suppress(pymysql.OperationalError):
            while True:
                stack.enter_context(connect())
        assert "Too many connections" in cannot_answer(remote, current, AT_ONCE)
    assert remote.run(current) == 0


def test_a_server_that_may_only_be_read_takes_no_writes_now(server: MariaDB, remote: Database) -> None:
    server.run("SET GLOBAL read_only = 1")
    try:
        assert "read-only" in cannot_answer(remote, partial(draw, after=0), AT_ONCE)
        assert remote.run(current) == 0
    finally:
        server.run("SET GLOBAL read_only = 0")
    assert remote.run(partial(draw, after=0))


def test_no_message_says_the_password_or_what_was_to_be_stored(server: MariaDB, remote: Database) -> None:
    wrong = Database(server.place("test_1", "livermore:wr0ng"))
    said = cannot_answer(wrong, current, AT_ONCE)
    assert "Access denied" in said
    assert "wr0ng" not in said
    wrong.close()
    server.run("SET GLOBAL read_only = 1")
    try:
        said = cannot_answer(remote, partial(draw, after=0, owner="personal"), AT_ONCE)
        assert not [word for word in ("personal", "s3cret", "INSERT") if word in said]
    finally:
        server.run("SET GLOBAL read_only = 0")
    with pytest.raises(exc.IntegrityError) as caught:
        remote.run(partial(draw, after=0, exchange_id=99, owner="personal"))
    assert "personal" not in str(caught.value)


def test_a_connection_that_is_in_use_when_all_is_closed_is_closed_by_who_uses_it(remote: Database) -> None:
    with ThreadPoolExecutor(1) as threads:
        begun, closed = threading.Event(), threading.Event()

        def work(connection: Connection) -> object:
            begun.set()
            assert closed.wait(5)
            return connection.connection.dbapi_connection

        using = threads.submit(remote.run, work)
        assert begun.wait(5)
        remote.close()
        closed.set()
        used = using.result()
    assert isinstance(used, pymysql.Connection)
    assert not used.open
