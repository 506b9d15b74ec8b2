"""API keys: made once, found by their id, recognised by their secret, which is stored nowhere."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import exc, select, update

from livermore.errors import LivermoreError
from livermore.store import api_keys
from livermore.store.api_keys import ApiKey
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import api_keys as table

NOW = 1_700_000_000_000


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def create(database: Database, name: str = "me", **more: object) -> str:
    return database.run(lambda connection: api_keys.create(connection, name, NOW, **more))


def find(database: Database, key_id: str) -> ApiKey | None:
    return database.run(partial(api_keys.find, key_id=key_id))


def parts_of(key: str) -> tuple[str, str]:
    parts = api_keys.split(key)
    assert parts is not None
    return parts


def test_a_key_that_was_made_is_found_and_recognised(database: Database) -> None:
    key_id, secret = parts_of(create(database, "trader", requests_per_minute=42))
    found = find(database, key_id)
    assert found is not None
    assert (found.key_id, found.name, found.scopes) == (key_id, "trader", frozenset({"read", "stream"}))
    assert (found.requests_per_minute, found.connections, found.expires_at) == (42, 5, None)
    assert api_keys.matches(found, secret)


def test_a_secret_that_differs_in_one_letter_is_not_recognised(database: Database) -> None:
    key_id, secret = parts_of(create(database))
    found = find(database, key_id)
    assert found is not None
    for wrong in ("", secret[:-1], secret + "A", secret.swapcase(), secret[:-1] + ("A" if secret[-1] != "A" else "B")):
        assert not api_keys.matches(found, wrong)


def test_nothing_of_the_secret_is_stored(database: Database) -> None:
    _, secret = parts_of(create(database))
    (row,) = database.run(lambda connection: list(connection.execute(select(table))))
    stored = " ".join(map(str, row))
    assert not [part for part in (secret, secret[:8], secret[-8:]) if part in stored]


def test_no_error_says_anything_of_a_key(database: Database) -> None:
    key = create(database)
    _, secret = parts_of(key)
    with pytest.raises(exc.IntegrityError) as caught:
        create(database, key=key)
    said = str(caught.value)
    assert not [part for part in (secret, api_keys.digest(secret)) if part in said]


def test_a_key_that_was_made_before_can_be_entered(database: Database) -> None:
    key = api_keys.generate()
    assert create(database, key=key) == key
    found = find(database, parts_of(key)[0])
    assert found is not None
    assert api_keys.matches(found, parts_of(key)[1])


@pytest.mark.parametrize("key", ["nonsense", "lvm_0123456789ab_short", "lvm_0123456789AB_" + "x" * 43])
def test_what_is_no_key_is_not_entered(database: Database, key: str) -> None:
    with pytest.raises(LivermoreError) as caught:
        create(database, key=key)
    assert key not in str(caught.value)
    assert database.run(lambda connection: list(connection.execute(select(table)))) == []


def test_a_key_that_was_revoked_is_not_found(database: Database) -> None:
    key_id, _ = parts_of(create(database))
    database.run(lambda connection: connection.execute(update(table).values(is_active=False)))
    assert find(database, key_id) is None


def test_a_key_that_has_expired_is_found_with_its_end(database: Database) -> None:
    key_id, _ = parts_of(create(database))
    database.run(lambda connection: connection.execute(update(table).values(expires_at=NOW)))
    found = find(database, key_id)
    assert found is not None
    assert found.expires_at == NOW


def test_an_unknown_id_is_not_found_and_ids_are_compared_exactly(database: Database) -> None:
    key_id, _ = parts_of(create(database, key="lvm_abcdef012345_" + "x" * 43))
    assert find(database, "000000000000") is None
    assert find(database, key_id.upper()) is None


# -- their form


def test_no_two_keys_are_alike() -> None:
    assert len({api_keys.generate() for _ in range(1000)}) == 1000
    assert len({parts_of(api_keys.generate())[0] for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "key",
    [
        "",
        "lvm",
        "lvm__",
        "lvm_0123456789ab",
        "lvm_0123456789ab_",
        "lvm_0123456789ab_" + "x" * 42,
        "lvm_0123456789ab_" + "x" * 44,
        "lvm_0123456789ab_" + "x" * 42 + "=",
        "lvm_0123456789ab_" + "x" * 42 + "\n",
        "lvm_0123456789ab_" + "x" * 43 + "\n",
        "lvm_0123456789ab_" + "x" * 42 + "é",
        "lvm_0123456789a_" + "x" * 43,
        "lvm_0123456789AB_" + "x" * 43,
        "lvm_\N{ARABIC-INDIC DIGIT ONE}123456789ab_" + "x" * 43,
        "LVM_0123456789ab_" + "x" * 43,
        " lvm_0123456789ab_" + "x" * 43,
        "lvm_0123456789ab_" + "x" * 100_000,
    ],
)
def test_what_has_not_the_form_of_a_key_is_none(key: str) -> None:
    assert api_keys.split(key) is None


def test_a_secret_may_have_the_mark_that_stands_before_it() -> None:
    assert api_keys.split("lvm_0123456789ab_" + "_-" * 21 + "_") == ("0123456789ab", "_-" * 21 + "_")
