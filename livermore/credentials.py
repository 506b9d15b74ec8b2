"""The API key and admin token of a folder with embedded stores: made once, kept where only its owner can read."""

import json
import os
import secrets
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from livermore.clock import Clock
from livermore.store import api_keys
from livermore.store.key_book import State, state
from livermore.store.sql import Database

FILE = "credentials.json"


class Credentials(NamedTuple):
    """Both in clear: they protect what lies in the same folder."""

    api_key: str
    admin_token: str


def credentials_of(folder: Path, database: Database, clock: Clock) -> Credentials:
    """The credentials of a folder; the API key is good afterwards: one that is no longer is replaced."""
    path, now = folder / FILE, clock.wall()
    held = Credentials(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
    found = held and database.run(partial(_state, key=held.api_key, now=now))
    if held is None or found in {"revoked", "expired"}:
        token = held.admin_token if held else secrets.token_urlsafe(24)
        held, found = Credentials(api_keys.generate(), token), None
        write_private(path, held._asdict())
    if found is None:
        database.run(partial(api_keys.create, name=f"of {folder.name}", now=now, key=held.api_key))
    return held


def _state(connection: Connection, key: str, now: int) -> State | None:
    key_id, _ = api_keys.split(key) or ("", "")
    return state(connection, key_id, now)


def write_private(path: Path, facts: dict[str, object]) -> None:
    """Write JSON atomically, readable by its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=2)
    draft.replace(path)
