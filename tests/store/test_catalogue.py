"""The catalogue of symbols in SQL: as the exchange lists them, ranked, and the watched ones for the public."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from livermore.market.product import Product
from livermore.store import catalogue
from livermore.store.catalogue import Listed
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import exchange_symbols as table

AT = 1_700_000_000_000


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def product(symbol: str, quote_volume: str = "1000", *, volume: str = "10", online: bool = True) -> Product:
    base, _, quote = symbol.partition("-")
    return Product(symbol, base, quote, "1", volume, quote_volume, "0.01", "0.00000001", online)


def refresh(
    database: Database, *products: Product, watched: Sequence[str] = (), exchange_id: int = 1, at: int = AT
) -> None:
    database.run(partial(catalogue.refresh, exchange_id=exchange_id, products=products, watched=watched, at=at))


def rows(database: Database, exchange_id: int = 1) -> dict[str, Any]:
    query = select(table).where(table.c.exchange_id == exchange_id)
    return {row.symbol: row for row in database.run(lambda connection: list(connection.execute(query)))}


def page(database: Database, exchange: str | None = None, after: int = 0, limit: int = 100) -> list[Listed]:
    return database.run(partial(catalogue.page, exchange=exchange, after=after, limit=limit))


def test_products_are_ranked_by_what_is_traded(database: Database) -> None:
    refresh(
        database,
        product("A-USD", "5"),
        product("B-USD", "50"),
        product("C-USD", "500", online=False),
        product("D-USD", "5"),
    )
    ranks = {symbol: (row.volume_rank, row.global_rank) for symbol, row in rows(database).items()}
    assert ranks == {"A-USD": (2, 2), "B-USD": (1, 1), "C-USD": (None, None), "D-USD": (3, 3)}


def test_a_row_has_what_is_known_of_its_product(database: Database) -> None:
    refresh(database, product("BTC-USD", "65083.67", volume="1.5"), watched=["BTC-USD"])
    row = rows(database)["BTC-USD"]
    assert (row.base_currency, row.quote_currency, row.display_name) == ("BTC", "USD", "BTC-USD")
    assert (row.price_increment, row.base_increment, row.last_volume_update) == ("0.01", "0.00000001", AT)
    assert (float(row.volume_24h), float(row.quote_volume_24h), row.is_active) == (1.5, 65083.67, True)


def test_a_refreshed_product_keeps_its_row(database: Database) -> None:
    refresh(database, product("A-USD", "5"), product("B-USD", "50"), watched=["A-USD"])
    before = rows(database)
    refresh(database, product("A-USD", "500"), product("B-USD", "50"), product("C-USD"), watched=["B-USD"], at=AT + 1)
    after = rows(database)
    assert {symbol: row.id for symbol, row in before.items()}.items() <= {s: row.id for s, row in after.items()}.items()
    assert (after["A-USD"].volume_rank, after["A-USD"].is_active, after["A-USD"].last_volume_update) == (
        2,
        False,
        AT + 1,
    )
    assert (after["B-USD"].volume_rank, after["B-USD"].is_active) == (3, True)
    assert (after["C-USD"].volume_rank, after["C-USD"].is_active) == (1, False)


def test_a_product_that_is_listed_no_more_stays_without_rank_and_inactive(database: Database) -> None:
    refresh(database, product("A-USD"), product("B-USD"), watched=["A-USD", "B-USD"])
    refresh(database, product("B-USD"), watched=["B-USD"])
    gone = rows(database)["A-USD"]
    assert (gone.is_active, gone.volume_rank, gone.global_rank) == (False, None, None)
    assert [one.symbol for one in page(database)] == ["B-USD"]


def test_another_exchange_is_left_alone(database: Database) -> None:
    refresh(database, product("A-USD"), watched=["A-USD"])
    refresh(database, product("A-USD"), watched=["A-USD"], exchange_id=2)
    refresh(database, watched=[], exchange_id=2)
    assert rows(database)["A-USD"].is_active
    assert not rows(database, 2)["A-USD"].is_active


def test_symbols_that_differ_in_case_or_accents_are_different(database: Database) -> None:
    symbols = ["ABC-USD", "abc-USD", "ÀBC-USD"]
    refresh(database, *map(product, symbols), watched=["abc-USD"])
    refresh(database, *map(product, symbols), watched=["abc-USD"])
    assert {symbol for symbol, row in rows(database).items() if row.is_active} == {"abc-USD"}
    assert len(rows(database)) == 3


def test_a_page_goes_by_rows_and_the_next_one_goes_on(database: Database) -> None:
    symbols = [f"S{n}-USD" for n in range(5)]
    refresh(database, *map(product, symbols), watched=symbols)
    first = page(database, limit=2)
    second = page(database, after=first[-1].id)
    assert [one.symbol for one in first + second] == symbols
    assert page(database, after=second[-1].id) == []


def test_a_page_may_be_of_one_exchange(database: Database) -> None:
    refresh(database, product("A-USD"), watched=["A-USD"])
    refresh(database, product("B-USD"), watched=["B-USD"], exchange_id=2)
    assert [(one.symbol, one.exchange) for one in page(database, "binance")] == [("B-USD", "binance")]
    assert [one.exchange for one in page(database)] == ["coinbase", "binance"]
    assert page(database, "Binance") == page(database, "kraken") == []


@pytest.mark.parametrize("volume", ["0", "123.45", "0.000000000001", "98765432109876543210.5", "100"])
def test_volumes_are_plain_and_exact_in_any_database(database: Database, volume: str) -> None:
    refresh(database, product("A-USD", volume=volume), watched=["A-USD"])
    (listed,) = page(database)
    assert (listed.base, listed.quote, listed.volume_24h, listed.liquidity_score) == ("A", "USD", volume, 1)


def test_a_liquidity_score_is_a_number(database: Database) -> None:
    refresh(database, product("A-USD"), watched=["A-USD"])
    database.run(lambda connection: connection.execute(update(table).values(liquidity_score="0.875")))
    assert page(database)[0].liquidity_score == 0.875


def test_it_is_written_down_since_when_a_symbol_has_been_watched_without_a_break(database: Database) -> None:
    def since(symbol: str = "A-USD") -> int | None:
        return database.run(partial(catalogue.watched_since, exchange_id=1, symbol=symbol))

    products = [product("A-USD"), product("B-USD")]
    assert since() is None
    for at, watched, expected in [(1, ["B-USD"], None), (2, ["A-USD"], 2), (3, ["A-USD"], 2), (4, [], None)]:
        refresh(database, *products, watched=watched, at=AT + at)
        assert since() == (expected and AT + expected)
    refresh(database, *products, watched=["A-USD"], at=AT + 5)
    refresh(database, product("B-USD"), watched=["B-USD"], at=AT + 6)
    assert since() is None, "it is not even listed"
    refresh(database, *products, watched=["A-USD"], at=AT + 7)
    assert since() == AT + 7
    assert since("C-USD") is None
