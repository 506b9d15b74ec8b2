"""The credentials of a folder: made once, kept, and good whatever became of the database or of the key."""

import json
from functools import partial
from pathlib import Path

import pytest

from livermore.credentials import FILE, Credentials, credentials_of
from livermore.store import api_keys, key_book
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.support.clocks import ManualClock


def state(database: Database, held: Credentials) -> str | None:
    key_id, _ = api_keys.split(held.api_key) or ("", "")
    return database.run(partial(key_book.state, key_id=key_id, now=ManualClock().wall()))


def test_they_are_made_once_and_readable_by_their_owner_only(sqlite: DatabasePlace, tmp_path: Path) -> None:
    database = Database(sqlite)
    first = credentials_of(tmp_path, database, ManualClock())
    assert state(database, first) == "active"
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert credentials_of(tmp_path, database, ManualClock()) == first
    database.close()


def test_a_new_database_gets_to_know_the_key_that_is_held(sqlite: DatabasePlace, tmp_path: Path) -> None:
    held = Credentials(api_keys.generate(), "token")
    (tmp_path / FILE).write_text(json.dumps(held._asdict()))
    database = Database(sqlite)
    assert credentials_of(tmp_path, database, ManualClock()) == held
    assert state(database, held) == "active"
    database.close()


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_a_key_that_is_not_good_any_more_is_replaced(sqlite: DatabasePlace, tmp_path: Path, how: str) -> None:
    database, clock = Database(sqlite), ManualClock()
    held = credentials_of(tmp_path, database, clock)
    key_id, _ = api_keys.split(held.api_key) or ("", "")
    if how == "revoked":
        database.run(partial(key_book.revoke, key_id=key_id))
    else:
        database.run(partial(key_book.rotate, key_id=key_id, now=clock.wall(), overlap=0))
    again = credentials_of(tmp_path, database, clock)
    assert again.admin_token == held.admin_token
    assert (state(database, held), state(database, again)) == (how, "active")
    assert credentials_of(tmp_path, database, clock) == again
    database.close()
