"""The book of API keys, for those who give them out: which there are, rotating one, and revoking one."""

from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, Select, select, update

from livermore.errors import LivermoreError
from livermore.store import api_keys
from livermore.store.expansion import readable
from livermore.store.key_usage import day_of
from livermore.store.keys import KEYS_CHANGED
from livermore.store.query import Query, command, integer
from livermore.store.tables import api_keys as table

State = Literal["active", "expired", "revoked"]


class NoSuchKey(LivermoreError):
    """No key has this id."""


class Listed(NamedTuple):
    """What may be shown of a key: nothing of its secret. Times are in ms."""

    id: str
    name: str
    scopes: list[str]
    requests_per_minute: int
    connections: int
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    requests_today: int
    state: State


def listed(connection: Connection, now: int) -> list[Listed]:
    """All keys, the oldest first."""
    return [_shown(row, now) for row in connection.execute(_rows(connection).order_by(table.c.id))]


def state(connection: Connection, key_id: str, now: int) -> State | None:
    """Whether a key is good; None where there is none with this id."""
    row = connection.execute(_rows(connection).where(table.c.key_id == key_id)).first()
    return None if row is None else _shown(row, now).state


def rotate(connection: Connection, key_id: str, now: int, overlap: int, created_by: str | None = None) -> str:
    """Make a key that may do the same, and give it; the old one is good for ``overlap`` (ms) more.

    What was to expire does so when it would have: a new secret is no new grant.

    Raises:
        NoSuchKey: there is none to rotate.
        LivermoreError: it is not good any more.
    """
    old = _shown(_row(connection, key_id), now)
    if old.state != "active":
        raise LivermoreError(f"the key {key_id} is {old.state}: make a new one")
    end = min(now + overlap, old.expires_at or now + overlap)
    connection.execute(update(table).where(table.c.key_id == key_id).values(expires_at=end))
    return api_keys.create(
        connection,
        old.name,
        now,
        scopes=old.scopes,
        requests_per_minute=old.requests_per_minute,
        connections=old.connections,
        expires_at=old.expires_at,
        created_by=created_by,
    )


def revoke(connection: Connection, key_id: str) -> None:
    """From now on the key opens nothing; once more does no harm.

    Raises:
        NoSuchKey: there is none to revoke.
    """
    _row(connection, key_id)
    connection.execute(update(table).where(table.c.key_id == key_id).values(is_active=False))


def told(key_id: str) -> Query[int]:
    """Tell every front that a key was revoked or rotated, once that is committed; gives how many have heard it."""
    return command("PUBLISH", KEYS_CHANGED, key_id, read=integer)


def _rows(connection: Connection) -> Select[Any]:
    return select(*readable(connection, *table.c))


def _row(connection: Connection, key_id: str) -> Row[Any]:
    """Held until the transaction ends, so that nobody revokes a key while it is rotated."""
    row = connection.execute(_rows(connection).where(table.c.key_id == key_id).with_for_update()).first()
    if row is None:
        raise NoSuchKey(f"no key has the id {key_id[:50]}")
    return row


def _shown(row: Row[Any], now: int) -> Listed:
    expired = row.expires_at is not None and row.expires_at <= now
    return Listed(
        id=row.key_id,
        name=row.name,
        scopes=row.scopes.split(),
        requests_per_minute=row.requests_per_minute,
        connections=row.connections,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        requests_today=row.used_times if row.used_day == day_of(now) else 0,
        state="revoked" if not row.is_active else "expired" if expired else "active",
    )
