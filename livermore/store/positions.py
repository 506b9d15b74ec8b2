"""Positions in SQL: what the account of this instance's own key holds on an exchange, and what that has cost.

They hang on a user and on one of his exchanges. The key of an instance belongs to nobody who could log in: to the user
`OWNER`, who is made with the first of them and is not active.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, exc, insert, select, update

from livermore.market.amount import text_of
from livermore.market.holding import Holding
from livermore.store.tables import positions as table
from livermore.store.tables import user_exchanges, users

OWNER = "instance"
"""His name; no identity provider knows him."""


class Valued(NamedTuple):
    """A holding and what it is worth by now, in dollars (a decimal string), where that is known."""

    holding: Holding
    value: str | None


class Position(NamedTuple):
    """Amounts are canonical decimal strings; ``cost_basis`` in dollars; ``synced_at`` in ms."""

    symbol: str
    display_name: str
    quantity: str
    available: str
    cost_basis: str | None
    synced_at: int


def sync(connection: Connection, exchange_id: int, exchange: str, valued: Sequence[Valued], at: int) -> bool:
    """Write down all that is held. What it is worth when it is first seen is what it has cost; what is gone, goes.

    ``at``: ms of wall time before it was asked for. False, and nothing is done, where something newer is written.
    """
    user_id, account_id, newest = _account(connection, exchange_id, exchange, at)
    if newest is not None and newest > at:
        return False
    mine = select(table.c.symbol, table.c.cost_basis).where(table.c.exchange_id == account_id)
    known = {row.symbol: row.cost_basis for row in connection.execute(mine.with_for_update())}
    for one in valued:
        symbol, values = one.holding.currency, _values(one.holding, at)
        if known.get(symbol) is None:
            values["cost_basis"] = one.value
        if symbol in known:
            this = (table.c.exchange_id == account_id) & (table.c.symbol == symbol)
            connection.execute(update(table).where(this).values(**values))
        else:
            place = {"user_id": user_id, "exchange_id": account_id, "symbol": symbol}
            connection.execute(insert(table).values(**place, **values))
    _forget(connection, account_id, known.keys() - {one.holding.currency for one in valued})
    connected = {"last_connected_at": at, "updated_at": at}
    connection.execute(update(user_exchanges).where(user_exchanges.c.id == account_id).values(**connected))
    return True


def _values(holding: Holding, at: int) -> dict[str, Any]:
    return {
        "display_name": holding.name or holding.currency,
        "coinbase_account_id": holding.account or None,
        "quantity": holding.quantity,
        "available_quantity": holding.available,
        "last_synced_at": at,
    }


def _forget(connection: Connection, account_id: int, symbols: set[str]) -> None:
    if symbols:
        gone = (table.c.exchange_id == account_id) & table.c.symbol.in_(sorted(symbols))
        connection.execute(delete(table).where(gone))


def _account(connection: Connection, exchange_id: int, exchange: str, at: int) -> tuple[int, int, int | None]:
    """Ids of the owner and of his exchange, which are made where they are not there, and when (ms) it was last synced.

    The row is written to, so that who comes at the same time waits, and what is read then is read with locks, as it may
    have been committed after this transaction began.
    """
    times = {"created_at": at, "updated_at": at}
    who = {"username": OWNER, "email": f"{OWNER}@localhost", "is_active": False, "display_name": "This instance"}
    owner = select(users.c.id).where(users.c.username == OWNER)
    user_id: int = _found_or_made(connection, owner, users, who | times | {"settings": {}})
    what = {"user_id": user_id, "exchange_id": exchange_id, "exchange_name": exchange}
    names = {"api_key_env_var": "", "api_secret_env_var": "", "is_active": False}  # nobody can set it up or use it
    account = select(user_exchanges.c.id).where(
        user_exchanges.c.user_id == user_id, user_exchanges.c.exchange_name == exchange
    )
    account_id: int = _found_or_made(connection, account, user_exchanges, what | names | times)
    this = user_exchanges.c.id == account_id
    connection.execute(update(user_exchanges).where(this).values(exchange_id=exchange_id))
    newest = select(user_exchanges.c.last_connected_at).where(this).with_for_update()
    return user_id, account_id, connection.execute(newest).scalar()


def _found_or_made(connection: Connection, wanted: Select[Any], place: Any, values: dict[str, Any]) -> Any:
    """An id. Where somebody else has made the row meanwhile, it is read with a lock: it was committed after this
    transaction began.
    """
    found = connection.execute(wanted).scalar()
    if found is not None:
        return found
    try:
        with connection.begin_nested():
            return connection.execute(insert(place).values(**values)).inserted_primary_key[0]  # type: ignore[index]
    except exc.IntegrityError:
        found = connection.execute(wanted.with_for_update(read=True)).scalar()
        if found is None:
            raise  # it was refused for another reason
    return found


def held(connection: Connection, exchange: str) -> list[Position]:
    """What is held on an exchange, by name."""
    t = table.c
    columns = (t.symbol, t.display_name, t.quantity, t.available_quantity, t.cost_basis, t.last_synced_at)
    query = select(*columns).join(user_exchanges, user_exchanges.c.id == t.exchange_id)
    rows = connection.execute(query.join(users, users.c.id == t.user_id).where(*_of(exchange)).order_by(t.symbol))
    return [
        Position(symbol, name or symbol, _amount(quantity), _amount(available), cost and _amount(cost), at or 0)
        for symbol, name, quantity, available, cost, at in rows
    ]


def synced_at(connection: Connection, exchange: str) -> int | None:
    """When (ms) an exchange was last asked; None where it never was."""
    account = user_exchanges.join(users, users.c.id == user_exchanges.c.user_id)
    query = select(user_exchanges.c.last_connected_at).select_from(account).where(*_of(exchange))
    found: int | None = connection.execute(query).scalar()
    return found


def set_cost_basis(connection: Connection, exchange: str, symbol: str, cost_basis: str) -> bool:
    """Say what a position has cost, in dollars and cents; False where there is none."""
    joined = table.join(user_exchanges, user_exchanges.c.id == table.c.exchange_id)
    joined = joined.join(users, users.c.id == table.c.user_id)
    query = select(table.c.id).select_from(joined).where(*_of(exchange), table.c.symbol == symbol)
    found = connection.execute(query).scalar()
    if found is None:
        return False
    return connection.execute(update(table).where(table.c.id == found).values(cost_basis=cost_basis)).rowcount == 1


def _of(exchange: str) -> tuple[Any, ...]:
    return users.c.username == OWNER, user_exchanges.c.exchange_name == exchange


def _amount(stored: Any) -> str:
    return text_of(Decimal(stored))
