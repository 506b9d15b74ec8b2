"""Epochs: each is drawn once, by one of those who want it, in either kind of database."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, exc

from livermore.errors import Transient
from livermore.store import epochs
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database

draw = partial(epochs.draw, exchange_id=1, owner="me", since=1_700_000_000_000)
current = partial(epochs.current, exchange_id=1)


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def interposed(database: Database, verb: str, meddle: Callable[[], object]) -> None:
    """Let something happen once, right before a statement that begins with ``verb``."""

    pending = [meddle]

    def before(*arguments: Any) -> None:
        if pending and arguments[2].startswith(verb):
            pending.pop()()

    event.listen(database._engine, "before_cursor_execute", before)


def test_before_the_first_epoch_there_is_none(database: Database) -> None:
    assert database.run(current) == 0


def test_each_epoch_follows_the_one_before(database: Database) -> None:
    assert [database.run(partial(draw, after=n)) for n in range(3)] == [True] * 3
    assert database.run(current) == 3


def test_an_epoch_that_has_been_drawn_is_not_drawn_again(database: Database) -> None:
    database.run(partial(draw, after=0))
    assert not database.run(partial(draw, after=0))
    database.run(partial(draw, after=1))
    assert not database.run(partial(draw, after=1))
    assert not database.run(partial(draw, after=5))
    assert database.run(current) == 2


def test_exchanges_have_epochs_of_their_own(database: Database) -> None:
    database.run(partial(draw, after=0))
    assert database.run(partial(epochs.current, exchange_id=2)) == 0
    assert database.run(partial(draw, exchange_id=2, after=0))


@pytest.mark.parametrize(("verb", "before"), [("INSERT", 0), ("UPDATE", 1)], ids=["the first", "a later one"])
def test_an_epoch_that_another_draws_at_this_moment_is_not_ours(
    database: Database, sql: DatabasePlace, verb: str, before: int
) -> None:
    other = Database(sql)
    if before:
        other.run(partial(draw, after=0))
    interposed(database, verb, lambda: other.run(partial(draw, after=before, owner="another")))
    assert not database.run(partial(draw, after=before))
    assert other.run(current) == before + 1
    other.close()


def test_an_exchange_that_does_not_exist_has_no_epochs(database: Database) -> None:
    with pytest.raises(exc.IntegrityError):
        database.run(partial(draw, exchange_id=99, after=0))


def test_of_many_who_want_an_epoch_at_once_one_gets_it(database: Database, sql: DatabasePlace) -> None:
    everybody = threading.Barrier(4)

    def want(after: int) -> bool:
        mine = Database(sql)
        mine.run(current)
        everybody.wait()
        try:
            return mine.run(partial(draw, after=after))
        except Transient:
            return False  # a deadlock, of which the database has picked one to give up
        finally:
            mine.close()

    with ThreadPoolExecutor(4) as threads:
        for after in range(5):
            assert sum(threads.map(want, [after] * 4)) == 1
    assert database.run(current) == 5
