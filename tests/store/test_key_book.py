"""The book of keys: what is shown of them, and what becomes of one that is rotated or revoked."""

from collections.abc import Iterator
from functools import partial

import pytest

from livermore.errors import LivermoreError
from livermore.store import api_keys, key_book
from livermore.store.key_book import Listed, NoSuchKey
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database

NOW = 1_700_000_000_000
HOUR = 3_600_000


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def create(database: Database, **more: object) -> str:
    return id_of(database.run(partial(api_keys.create, name="trader", now=NOW, **more)))


def id_of(key: str) -> str:
    return (api_keys.split(key) or ("",))[0]


def listed(database: Database, now: int = NOW) -> list[Listed]:
    return database.run(partial(key_book.listed, now=now))


def rotate(database: Database, key_id: str, now: int = NOW, overlap: int = HOUR) -> str:
    return database.run(partial(key_book.rotate, key_id=key_id, now=now, overlap=overlap))


def revoke(database: Database, key_id: str) -> None:
    database.run(partial(key_book.revoke, key_id=key_id))


def test_a_new_key_is_listed_with_all_but_its_secret(database: Database) -> None:
    key = api_keys.generate()
    create(database, key=key, scopes=["stream"], requests_per_minute=7, connections=2, expires_at=NOW + 1)
    (found,) = listed(database)
    assert found == Listed(id_of(key), "trader", ["stream"], 7, 2, NOW, NOW + 1, None, 0, "active")
    secret = key.split("_", 2)[2]
    assert secret not in str(found)
    assert api_keys.digest(secret) not in str(found)


def test_keys_are_listed_in_the_order_in_which_they_were_made_with_their_states(database: Database) -> None:
    ids = [create(database), create(database, expires_at=NOW), create(database)]
    revoke(database, ids[2])
    assert [(one.id, one.state) for one in listed(database)] == list(
        zip(ids, ("active", "expired", "revoked"), strict=True)
    )


def test_a_rotated_key_is_good_for_a_while_beside_one_that_may_do_the_same(database: Database) -> None:
    old = create(database, scopes=["read"], requests_per_minute=9, connections=3)
    new = rotate(database, old)
    first, second = listed(database)
    assert (first.id, first.expires_at, first.state) == (old, NOW + HOUR, "active")
    assert second == first._replace(id=id_of(new), expires_at=None)
    assert [one.state for one in listed(database, NOW + HOUR)] == ["expired", "active"]


def test_a_key_that_is_to_expire_does_so_when_it_would_have_however_it_is_rotated(database: Database) -> None:
    soon, late = create(database, expires_at=NOW + 5), create(database, expires_at=NOW + 9 * HOUR)
    for key_id in (soon, late):
        rotate(database, key_id)
    assert [one.expires_at for one in listed(database)] == [NOW + 5, NOW + HOUR, NOW + 5, NOW + 9 * HOUR]


def test_a_key_can_be_replaced_without_an_overlap(database: Database) -> None:
    rotate(database, create(database), overlap=0)
    assert [one.state for one in listed(database)] == ["expired", "active"]


def test_a_key_that_is_not_good_is_not_rotated(database: Database) -> None:
    expired, revoked = create(database, expires_at=NOW), create(database)
    revoke(database, revoked)
    for key_id, state in ((expired, "expired"), (revoked, "revoked")):
        with pytest.raises(LivermoreError, match=f"the key {key_id} is {state}"):
            rotate(database, key_id)
    assert len(listed(database)) == 2


def test_what_does_not_exist_is_named(database: Database) -> None:
    with pytest.raises(NoSuchKey, match="no key has the id 0123456789ab"):
        rotate(database, "0123456789ab")
    with pytest.raises(NoSuchKey, match="no key has the id 0123456789ab"):
        revoke(database, "0123456789ab")
    assert database.run(partial(key_book.state, key_id="0123456789ab", now=NOW)) is None


def test_a_key_may_be_revoked_twice(database: Database) -> None:
    key_id = create(database)
    for _ in range(2):
        revoke(database, key_id)
        assert database.run(partial(key_book.state, key_id=key_id, now=NOW)) == "revoked"
    assert database.run(partial(api_keys.find, key_id=key_id)) is None
