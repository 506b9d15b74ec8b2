"""Positions in SQL: exact, with the cost of the first look, gone when they are gone, and never older than they were."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import func, select

from livermore.market.holding import Holding
from livermore.store import positions
from livermore.store.positions import Position, Valued
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import user_exchanges, users

NOW = 1_700_000_000_000


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def valued(symbol: str, quantity: str = "1.5", value: str | None = "100.25", available: str = "1") -> Valued:
    return Valued(Holding(symbol, quantity, available, f"{symbol} Wallet", f"id-of-{symbol}"), value)


def sync(
    database: Database, held: Sequence[Valued], at: int = NOW, exchange: tuple[int, str] = (1, "coinbase")
) -> bool:
    id_, name = exchange
    return database.run(partial(positions.sync, exchange_id=id_, exchange=name, valued=held, at=at))


def held(database: Database, exchange: str = "coinbase") -> list[Position]:
    return database.run(partial(positions.held, exchange=exchange))


def costs(database: Database) -> dict[str, str | None]:
    return {one.symbol: one.cost_basis for one in held(database)}


def test_what_is_held_is_written_down_to_the_last_digit(database: Database) -> None:
    assert held(database) == []
    tiny, much = "0.000000000000000001", "99999999999999999999.999999999999999999"
    assert sync(database, [valued("ETH", much, "0.01", tiny), valued("BTC", tiny, None, "0")])
    assert held(database) == [
        Position("BTC", "BTC Wallet", tiny, "0", None, NOW),
        Position("ETH", "ETH Wallet", much, tiny, "0.01", NOW),
    ]


def test_what_it_was_worth_when_it_was_first_seen_is_what_it_has_cost_from_then_on(database: Database) -> None:
    sync(database, [valued("BTC"), valued("ETH", value=None)])
    assert costs(database) == {"BTC": "100.25", "ETH": None}
    sync(database, [valued("BTC", "3", "200.5"), valued("ETH", value="7")], NOW + 1)
    sync(database, [valued("BTC", "3", "300"), valued("ETH", value="9")], NOW + 2)
    assert costs(database) == {"BTC": "100.25", "ETH": "7"}
    assert held(database)[0][2:4] == ("3", "1")
    assert database.run(partial(positions.synced_at, exchange="coinbase")) == NOW + 2


def test_what_is_gone_goes_and_what_comes_again_begins_anew(database: Database) -> None:
    sync(database, [valued("BTC"), valued("ETH")])
    sync(database, [valued("ETH")], NOW + 1)
    assert [one.symbol for one in held(database)] == ["ETH"]
    sync(database, [valued("BTC", value="8"), valued("ETH")], NOW + 2)
    assert costs(database)["BTC"] == "8"
    sync(database, [], NOW + 3)
    assert held(database) == []
    assert database.run(partial(positions.synced_at, exchange="coinbase")) == NOW + 3


def test_an_answer_that_is_older_than_what_is_written_changes_nothing(database: Database) -> None:
    """As of a process that was stopped for a while, and goes on when another one has taken its place."""
    sync(database, [valued("BTC", "2")], NOW + 10)
    assert not sync(database, [valued("ETH")], NOW + 9)
    assert [(one.symbol, one.quantity) for one in held(database)] == [("BTC", "2")]


def test_each_exchange_has_its_own_positions_of_one_owner_who_is_not_active(database: Database) -> None:
    sync(database, [valued("BTC")])
    sync(database, [valued("BTC", "7"), valued("BNB")], NOW + 1, (2, "binance"))
    assert [one.symbol for one in held(database)] == ["BTC"]
    assert [(one.symbol, one.quantity) for one in held(database, "binance")] == [("BNB", "1.5"), ("BTC", "7")]
    rows = database.run(lambda c: [tuple(row) for row in c.execute(select(users.c.username, users.c.is_active))])
    assert rows == [("instance", False)]


def test_a_cost_that_was_said_stays_and_nobody_else_s_is_touched(database: Database) -> None:
    change = partial(positions.set_cost_basis, symbol="BTC", cost_basis="31200.5")
    assert not database.run(partial(change, exchange="coinbase"))
    sync(database, [valued("BTC"), valued("ETH")])
    sync(database, [valued("BTC")], NOW, (2, "binance"))
    assert database.run(partial(change, exchange="coinbase"))
    sync(database, [valued("BTC", value="1"), valued("ETH")], NOW + 1)
    assert costs(database) == {"BTC": "31200.5", "ETH": "100.25"}
    assert [one.cost_basis for one in held(database, "binance")] == ["100.25"]
    assert not database.run(partial(positions.set_cost_basis, exchange="kraken", symbol="BTC", cost_basis="1"))


def test_two_who_begin_at_once_make_one_owner_and_one_account(sql: DatabasePlace) -> None:
    databases = [Database(sql) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(sync, one, [valued("BTC")]) for one in databases]
        assert [error for one in done if (error := one.exception()) is not None] == []
    counts = databases[0].run(
        lambda c: [c.execute(select(func.count()).select_from(one)).scalar() for one in (users, user_exchanges)]
    )
    assert counts == [1, 1]
    assert [one.symbol for one in held(databases[0])] == ["BTC"]
    for one in databases:
        one.close()
