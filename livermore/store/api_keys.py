"""API keys: ``lvm_<id>_<secret>``, of which SQL holds the id and a hash of the secret, never the secret."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from livermore.errors import LivermoreError
from livermore.store.tables import api_keys as table

SCOPES = ("read", "stream")
REQUESTS, CONNECTIONS = 300, 5
"""What a key may do where nobody says otherwise: requests a minute, and streams at once."""
_FORM = re.compile(r"lvm_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


class ApiKey(NamedTuple):
    """What is known of a key; limits count per minute and at once."""

    key_id: str
    name: str
    secret_hash: str
    scopes: frozenset[str]
    requests_per_minute: int
    connections: int
    expires_at: int | None


def create(
    connection: Connection,
    name: str,
    now: int,
    *,
    key: str | None = None,
    scopes: Iterable[str] = SCOPES,
    requests_per_minute: int = REQUESTS,
    connections: int = CONNECTIONS,
    expires_at: int | None = None,
    created_by: str | None = None,
) -> str:
    """Make a key and give it, this one time. Times are in ms. ``key``: one that was made with `generate` before.

    ``created_by``: the identity of the administrator who asked for it.

    Raises:
        LivermoreError: ``key`` has not the form of a key.
    """
    key = key or generate()
    parts = split(key)
    if parts is None:
        raise LivermoreError("this is no API key: expected lvm_ID_SECRET, as `livermore keys create` makes them")
    key_id, secret = parts
    row = {
        "key_id": key_id,
        "name": name,
        "secret_hash": digest(secret),
        "scopes": " ".join(scopes),
        "requests_per_minute": requests_per_minute,
        "connections": connections,
        "expires_at": expires_at,
        "created_by": created_by,
        "created_at": now,
    }
    connection.execute(insert(table).values(**row))
    return key


def generate() -> str:
    """A new key with 256 random bits."""
    return f"lvm_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"


def split(key: str) -> tuple[str, str] | None:
    """Id and secret, or None for what has not the form of a key."""
    parts = _FORM.fullmatch(key)
    return (parts[1], parts[2]) if parts else None


def digest(secret: str) -> str:
    """The hash that is stored. A fast one: the secret has 256 random bits, which no dictionary holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(key: ApiKey, secret: str) -> bool:
    """Whether this is the key's secret, compared in constant time."""
    return hmac.compare_digest(key.secret_hash, digest(secret))


def find(connection: Connection, key_id: str) -> ApiKey | None:
    """The active key with this id, expired or not."""
    t = table.c
    columns = (t.key_id, t.name, t.secret_hash, t.scopes, t.requests_per_minute, t.connections, t.expires_at)
    row = connection.execute(select(*columns).where(t.key_id == key_id, t.is_active)).first()
    return ApiKey(row[0], row[1], row[2], frozenset(row[3].split()), row[4], row[5], row[6]) if row else None
