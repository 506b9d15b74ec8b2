"""The exchanges that users have set up: names of the variables that hold their credentials, never a credential."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, exc, insert, select, update

from livermore.errors import LivermoreError
from livermore.store.tables import exchanges, users
from livermore.store.tables import user_exchanges as table

t = table.c
MOST = 1_000


class NoSuchThing(LivermoreError):
    """There is no user, exchange or account of this number or name; ``what`` says which of them."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} not found")
        self.what = what


class SetUpAlready(LivermoreError):
    """The user has this exchange."""


class Account(NamedTuple):
    """One exchange of one user; ``variables``: the names of the key's, the secret's and all further variables."""

    id: int
    user_id: int
    exchange: str
    display_name: str | None
    variables: Sequence[str]
    is_active: bool
    is_default: bool


class Wanted(NamedTuple):
    """What an account is to become; None leaves it as it is, and is no more than that for a new one."""

    display_name: str | None = None
    key_variable: str | None = None
    secret_variable: str | None = None
    further_variables: Sequence[str] | None = None
    is_active: bool | None = None


def of_user(connection: Connection, user_id: int) -> list[Account]:
    """What a user has set up, in the order in which that was done."""
    return [_account(row) for row in connection.execute(_whole().where(t.user_id == user_id).order_by(t.id))]


def active(connection: Connection) -> list[Account]:
    """What all users have set up that is active, as far as that is a reasonable number."""
    return [_account(row) for row in connection.execute(_whole().where(t.is_active).order_by(t.id).limit(MOST))]


def find(connection: Connection, account_id: int) -> Account:
    """One account.

    Raises:
        NoSuchThing: there is none of this number.
    """
    row = connection.execute(_whole().where(t.id == account_id)).one_or_none()
    if row is None:
        raise NoSuchThing("Account")
    return _account(row)


def set_up(connection: Connection, user_id: int, exchange: str, wanted: Wanted, now: int) -> Account:
    """Add an exchange for a user; it becomes the only default. ``now``: ms.

    Raises:
        NoSuchThing: there is no such user or exchange.
        SetUpAlready: the user has it.
    """
    if connection.execute(select(users.c.id).where(users.c.id == user_id)).scalar() is None:
        raise NoSuchThing("User")
    found = connection.execute(select(exchanges.c.id).where(exchanges.c.name == exchange)).scalar()
    if found is None:
        raise NoSuchThing("Exchange")
    row = {"user_id": user_id, "exchange_id": found, "exchange_name": exchange, "created_at": now}
    try:
        made = connection.execute(insert(table).values(**row, **_changes(wanted, now)))
    except exc.IntegrityError as error:
        raise SetUpAlready(f"this user has {exchange} already") from error
    (number,) = made.inserted_primary_key or (0,)
    make_default(connection, number)
    return find(connection, number)


def change(connection: Connection, account_id: int, wanted: Wanted, now: int) -> Account:
    """Change an account; raises as `find` does. One that is no longer active is no default any more."""
    find(connection, account_id)
    values = _changes(wanted, now) | ({"is_default": False} if wanted.is_active is False else {})
    connection.execute(update(table).where(t.id == account_id).values(**values))
    return find(connection, account_id)


def make_default(connection: Connection, account_id: int) -> None:
    """Have this account be the only default of its user; raises as `find` does."""
    account = find(connection, account_id)
    mine = t.user_id == account.user_id
    connection.execute(update(table).where(mine).values(is_default=t.id == account_id))


def _changes(wanted: Wanted, now: int) -> dict[str, Any]:
    further = wanted.further_variables
    given = {
        "display_name": wanted.display_name,
        "api_key_env_var": wanted.key_variable,
        "api_secret_env_var": wanted.secret_variable,
        "additional_credentials_env_vars": None if further is None else " ".join(further),
        "is_active": wanted.is_active,
    }
    return {name: value for name, value in given.items() if value is not None} | {"updated_at": now}


def _whole() -> Any:
    return select(
        t.id, t.user_id, t.exchange_name, t.display_name, t.api_key_env_var, t.api_secret_env_var,
        t.additional_credentials_env_vars, t.is_active, t.is_default,
    )  # fmt: skip


def _account(row: Sequence[Any]) -> Account:
    number, user, exchange, name, key, secret, further, active, default = row
    return Account(number, user, exchange, name, (key, secret, *(further or "").split()), bool(active), bool(default))
