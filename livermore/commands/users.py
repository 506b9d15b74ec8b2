"""List users, add one, and give them roles or take their access away: so does the first admin become one."""

import argparse
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import get_args

import msgspec
from sqlalchemy import Connection, exc

from livermore.clock import AffineClock
from livermore.commands import stores
from livermore.commands.common import Asked, Variables, say, tree_options
from livermore.errors import LivermoreError
from livermore.market.instant import iso
from livermore.store import audit_log, profiles, users
from livermore.store.audit_log import Deed
from livermore.store.sql import Database
from livermore.store.users import Role, User

HEAD = ("id", "username", "e-mail", "Clerk id", "role", "active", "last sign-in")
ROLES: Sequence[Role] = get_args(Role)
PAGE = 500
DONE = 200
"""As the admin API would say it."""
ADD = """
Makes a user before Clerk has told of one. With --clerk-id, as Clerk's dashboard shows it, a session of that user is
good here at once; without it the row belongs to whoever proves at Clerk to own the address, once the webhook says so.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    whats = parser.add_subparsers(title="what", metavar="WHAT", dest="what", required=True)
    shown = whats.add_parser("list", help="show all users, but nothing of what they have set")
    shown.add_argument("--json", action="store_true", help="lines of JSON, for programs")
    add = whats.add_parser("add", help="make a user", description=ADD)
    add.add_argument("email", help="e-mail address")
    add.add_argument("--clerk-id", metavar="ID", help="the user's id at Clerk, as user_2abc…")
    add.add_argument("--role", choices=ROLES, default="user", help="else user")
    role = whats.add_parser("role", help="give a user another role; only admins may use the admin API")
    activate = whats.add_parser("activate", help="give a user's access back")
    deactivate = whats.add_parser("deactivate", help="take a user's access away")
    for one in (role, activate, deactivate):
        one.add_argument("who", help="number, e-mail address, or id at Clerk")
    role.add_argument("role", choices=ROLES, help="the new role")
    for one in (shown, add, role, activate, deactivate):
        tree_options(one, argparse.SUPPRESS)


def do(asked: Asked, variables: Variables) -> int:
    """Do it."""
    works: dict[str, Callable[[Database, Asked, int], None]] = {
        "list": _list, "add": _add, "role": _change, "activate": _change, "deactivate": _change,
    }  # fmt: skip
    with stores.opened(asked, variables) as places:
        assert places.database is not None
        with closing(Database(places.database)) as database:
            works[asked.what](database, asked, AffineClock().wall())
    return 0


def _list(database: Database, asked: Asked, _: int) -> None:
    found = list(_everybody(database))
    say("\n".join(msgspec.json.encode(one._asdict()).decode() for one in found) if asked.json else _table(found))


def _everybody(database: Database) -> Iterator[User]:
    after = 0
    while found := database.run(partial(users.page, after=after, limit=PAGE)):
        yield from found
        after = found[-1].id


def _table(found: Sequence[User]) -> str:
    rows = [HEAD, *(tuple(_cells(one)) for one in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _cells(one: User) -> Iterator[str]:
    yield from (str(one.id), one.username, one.email, one.clerk_id or "-", one.role)
    yield from ("yes" if one.is_active else "no", "never" if one.last_login_at is None else iso(one.last_login_at))


def _add(database: Database, asked: Asked, now: int) -> None:
    email = asked.email.strip().lower()
    if not 3 <= len(email) <= 255 or "@" not in email or not email.isprintable():
        raise LivermoreError("expected an e-mail address of at most 255 characters")
    known = {"identity_provider": users.CLERK, "identity_sub": asked.clerk_id} if asked.clerk_id else {}
    values = {"username": profiles.username(email), "email": email, "role": asked.role, **known}

    def work(connection: Connection) -> int:
        audit_log.begin(connection, _deed(asked, now, {"email": email, "role": asked.role}), DONE)
        return users.add(connection, values, now)

    try:
        number = database.run(work)
    except exc.IntegrityError as error:
        raise LivermoreError(f"there is a user with this e-mail address or id already: {email}") from error
    say(f"user {number} is {email}, with the role {asked.role}")


def _change(database: Database, asked: Asked, now: int) -> None:
    access = {"activate": True, "deactivate": False}.get(asked.what)

    def work(connection: Connection) -> User:
        number = users.named(connection, asked.who).id
        given = {"id": str(number)} | ({} if access is not None else {"role": asked.role})
        audit_log.begin(connection, _deed(asked, now, given), DONE)
        return users.change(connection, number, now, role=getattr(asked, "role", None), is_active=access)

    user = database.run(work)
    say(f"user {user.id}, {user.email}, has the role {user.role}" + ("" if user.is_active else ", and no access"))


def _deed(asked: Asked, now: int, parameters: dict[str, str]) -> Deed:
    """For the audit log, in the same transaction: what is not written down is not done here, either."""
    who = f"uid {os.getuid()} on {platform.node()}"
    return Deed(now, "operator", None, who, f"livermore users {asked.what}", parameters, "", "")
