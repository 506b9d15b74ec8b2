"""The API key and admin token of a folder with embedded stores: made once, kept where only its owner can read."""

import json
import os
import secrets
from functools import partial
from pathlib import Path
from typing import NamedTuple

from livermore.clock import Clock
from livermore.store import api_keys
from livermore.store.sql import Database

FILE = "credentials.json"


class Credentials(NamedTuple):
    """Both in clear: they protect what lies in the same folder."""

    api_key: str
    admin_token: str


def credentials_of(folder: Path, database: Database, clock: Clock) -> Credentials:
    """The credentials of a folder; the API key is known to its database afterwards."""
    path = folder / FILE
    if not path.exists():
        write_private(path, Credentials(api_keys.generate(), secrets.token_urlsafe(24))._asdict())
    held = Credentials(**json.loads(path.read_text(encoding="utf-8")))
    key_id, _ = api_keys.split(held.api_key) or ("", "")
    if database.run(partial(api_keys.find, key_id=key_id)) is None:
        name = f"of {folder.name}"
        database.run(lambda connection: api_keys.create(connection, name, clock.wall(), key=held.api_key))
    return held


def write_private(path: Path, facts: dict[str, object]) -> None:
    """Write JSON atomically, readable by its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=2)
    draft.replace(path)
