"""Users in SQL: who they are at Clerk, which role they have here, and what they have set."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from livermore.errors import LivermoreError
from livermore.store.tables import users as table

CLERK = "clerk"
ADMIN = "admin"
Role = Literal["user", "admin", "subscriber_basic", "subscriber_pro"]


class NoSuchUser(LivermoreError):
    """Nobody is meant by this."""


class LastAdmin(LivermoreError):
    """Without this one there would be no active admin among the users."""


class User(NamedTuple):
    """What is known of a user, but for the settings. Times are ms; ``clerk_id`` is None where Clerk knows nobody."""

    id: int
    username: str
    email: str
    display_name: str | None
    clerk_id: str | None
    role: str
    is_active: bool
    last_login_at: int | None
    created_at: int
    updated_at: int

    @property
    def administers(self) -> bool:
        """Whether the admin API is open to this user."""
        return self.is_active and self.role == ADMIN

    @property
    def name(self) -> str:
        """For people."""
        return self.display_name or self.username


def of_clerk(connection: Connection, clerk_id: str) -> User | None:
    """The user with this id at Clerk."""
    return _one(connection, _clerks(clerk_id))


def numbered(connection: Connection, user_id: int) -> User:
    """The user with this number.

    Raises:
        NoSuchUser: there is none.
    """
    return _there(_one(connection, table.c.id == user_id))


def named(connection: Connection, text: str) -> User:
    """The user whose e-mail address, id at Clerk or number this is.

    Raises:
        NoSuchUser: there is none.
    """
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    return _there(_one(connection, or_(table.c.email == text.lower(), _clerks(text), table.c.id == number)))


def page(connection: Connection, after: int, limit: int) -> list[User]:
    """Users in the order in which they came, those with a larger number than ``after``."""
    query = select(*_COLUMNS).where(table.c.id > after).order_by(table.c.id).limit(limit)
    return [_user(row) for row in connection.execute(query)]


def change(
    connection: Connection, user_id: int, now: int, *, role: Role | None = None, is_active: bool | None = None
) -> User:
    """Give a user another role, or take somebody's access away or give it back; what is None stays.

    Raises:
        NoSuchUser: there is none with this number.
        LastAdmin: nobody would be left.
    """
    admins = select(table.c.id).where(table.c.role == ADMIN, table.c.is_active).order_by(table.c.id).with_for_update()
    others = [found for (found,) in connection.execute(admins) if found != user_id]
    before = numbered(connection, user_id)
    values: dict[str, Any] = {"role": before.role if role is None else role, "updated_at": now}
    values["is_active"] = before.is_active if is_active is None else is_active
    after = before._replace(**values)
    if before.administers and not after.administers and not others:
        raise LastAdmin("this is the last active admin")
    connection.execute(update(table).where(table.c.id == user_id).values(**values))
    return after


def settings(connection: Connection, user_id: int) -> dict[str, Any]:
    """What a user has set.

    Raises:
        NoSuchUser: there is none with this number.
    """
    row = connection.execute(select(table.c.settings).where(table.c.id == user_id)).first()
    if row is None:
        raise NoSuchUser(_NOBODY)
    return dict(row.settings)


def change_settings(
    connection: Connection, user_id: int, how: Callable[[dict[str, Any]], dict[str, Any]], now: int
) -> dict[str, Any]:
    """Put in the place of a user's settings what ``how`` makes of them, and give that; nobody changes them meanwhile.

    Raises:
        NoSuchUser: there is none with this number.
    """
    mine = table.c.id == user_id
    row = connection.execute(select(table.c.settings).where(mine).with_for_update()).first()
    if row is None:
        raise NoSuchUser(_NOBODY)
    made = how(dict(row.settings))
    connection.execute(update(table).where(mine).values(settings=made, updated_at=now))
    return made


def add(connection: Connection, values: dict[str, Any], now: int) -> int:
    """Make a user with these values, by the names of their columns; gives the number."""
    row = {"settings": {"version": 1}, "created_at": now, "updated_at": now} | values
    (number,) = connection.execute(insert(table).values(**row)).inserted_primary_key or (0,)
    return int(number)


_NOBODY = "there is no such user"
_COLUMNS = (
    table.c.id, table.c.username, table.c.email, table.c.display_name, table.c.identity_provider,
    table.c.identity_sub, table.c.role, table.c.is_active, table.c.last_login_at, table.c.created_at,
    table.c.updated_at,
)  # fmt: skip


def _clerks(clerk_id: str) -> ColumnElement[bool]:
    return (table.c.identity_provider == CLERK) & (table.c.identity_sub == clerk_id)


def _one(connection: Connection, which: ColumnElement[bool]) -> User | None:
    row = connection.execute(select(*_COLUMNS).where(which)).first()
    return None if row is None else _user(row)


def _there(user: User | None) -> User:
    if user is None:
        raise NoSuchUser(_NOBODY)
    return user


def _user(row: Any) -> User:
    clerk_id = row.identity_sub if row.identity_provider == CLERK else None
    return User(
        row.id, row.username, row.email, row.display_name, clerk_id, row.role, bool(row.is_active),
        row.last_login_at, row.created_at, row.updated_at,
    )  # fmt: skip
