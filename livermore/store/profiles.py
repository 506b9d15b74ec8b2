"""Profiles of users, as Clerk tells them: each is the profile of one row of SQL, which it may bring along."""

import secrets
import string
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select, update

from livermore.errors import LivermoreError
from livermore.store import users
from livermore.store.tables import users as table

_TAIL = string.ascii_lowercase + string.digits
ADDRESSLESS = "clerk.invalid"
"""The domain of addresses that stand for none: SQL wants one for each user, and nobody can have one of this."""


class Taken(LivermoreError):
    """The e-mail address belongs to another user."""


class Profile(NamedTuple):
    """``verified``: whether Clerk has seen that the e-mail address is theirs. ``last_login_at``: ms."""

    clerk_id: str
    email: str | None
    verified: bool
    display_name: str | None
    picture_url: str | None
    last_login_at: int | None


def keep(connection: Connection, profile: Profile, now: int) -> int:
    """Store a profile, in the row that has its id, or in a new one; gives the row's number.

    A row that an operator has made for an e-mail address, and that nobody at Clerk has yet, belongs to whoever has
    proven there to own the address. Role and access are never touched: they are given here.

    Raises:
        Taken: the address belongs to another user.
    """
    email = (profile.email or f"{profile.clerk_id}@{ADDRESSLESS}").lower()[:255]
    ours = (table.c.identity_provider == users.CLERK) & (table.c.identity_sub == profile.clerk_id)
    t = table.c
    query = select(t.id, t.identity_sub).where(or_(ours, t.email == email)).with_for_update()
    found: dict[str | None, int] = {row.identity_sub: row.id for row in connection.execute(query)}
    number = found.get(profile.clerk_id)
    if number is None and profile.verified:
        number = found.get(None)
    if set(found.values()) - {number}:
        raise Taken("the e-mail address belongs to another user")
    values = _values(profile, email)
    if number is None:
        return users.add(connection, {"username": username(email), **values}, now)
    connection.execute(update(table).where(t.id == number).values(**values, updated_at=now))
    return number


def deactivate(connection: Connection, clerk_id: str, now: int) -> bool:
    """Let this user in no more; False where there is none."""
    ours = (table.c.identity_provider == users.CLERK) & (table.c.identity_sub == clerk_id)
    changed = connection.execute(update(table).where(ours).values(is_active=False, updated_at=now))
    return changed.rowcount > 0


def username(email: str) -> str:
    """A name that nobody has: what stands before the @, up to 30 characters of it, and five at random."""
    return f"{email.partition('@')[0][:30]}_{''.join(secrets.choice(_TAIL) for _ in range(5))}"


def _values(profile: Profile, email: str) -> dict[str, Any]:
    known = {} if profile.last_login_at is None else {"last_login_at": profile.last_login_at}
    return {
        "email": email,
        "identity_provider": users.CLERK,
        "identity_sub": profile.clerk_id,
        "display_name": profile.display_name and profile.display_name[:100],
        "identity_picture_url": profile.picture_url and profile.picture_url[:2000],
        **known,
    }
