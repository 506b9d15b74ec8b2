"""Which exchanges SQL knows, and the way from a name to keys."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from livermore.errors import Permanent, Transient
from livermore.store import registry
from livermore.store.exchange import keys_of
from livermore.store.registry import Exchange
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import exchanges


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def test_the_active_exchanges_are_listed_by_number(database: Database) -> None:
    database.run(lambda c: c.execute(update(exchanges).where(exchanges.c.name == "kraken").values(is_active=False)))
    found = database.run(registry.all_exchanges)
    assert [exchange.id for exchange in found] == [1, 2, 3, 5, 6]
    assert found[0] == Exchange(1, "coinbase", "Coinbase Advanced Trade")


def test_a_name_is_the_whole_name(database: Database) -> None:
    assert database.run(lambda c: registry.named(c, "binance")) == Exchange(2, "binance", "Binance")
    for name in ("Binance", "BINANCE", "binance ", "", "binanc", "%"):
        assert database.run(lambda c, name=name: registry.named(c, name)) is None


def test_names_are_compared_exactly_by_the_server_too(database: Database) -> None:
    by_sql = select(exchanges.c.id).where(exchanges.c.name == "Coinbase")
    assert database.run(lambda c: c.execute(by_sql).all()) == []


def test_a_name_leads_to_the_keys_of_its_number(database: Database, runner: asyncio.Runner) -> None:
    assert runner.run(keys_of(database, "mexc")).events == "events:{6}"


def test_a_name_that_nobody_has_leads_nowhere_for_good(database: Database, runner: asyncio.Runner) -> None:
    with pytest.raises(Permanent, match="'Mexc'"):
        runner.run(keys_of(database, "Mexc"))


def test_where_sql_cannot_answer_the_way_is_closed_for_now(runner: asyncio.Runner) -> None:
    nowhere = Database(DatabasePlace.model_validate({"url": "sqlite:////nonexistent/folder/x.db"}))
    with pytest.raises(Transient):
        runner.run(keys_of(nowhere, "mexc"))
    nowhere.close()
