"""Users in SQL: found by whoever they are at Clerk, changed, and never without a last admin; their profiles too."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from livermore.store import profiles, users
from livermore.store.profiles import Profile, Taken
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.users import LastAdmin, NoSuchUser, User

NOW = 1_700_000_000_000
ANN = Profile("user_2ann", "Ann@Example.com", verified=True, display_name="Ann", picture_url=None, last_login_at=NOW)


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def add(database: Database, name: str, **values: Any) -> int:
    row = {"username": name, "email": f"{name}@example.com", **values}
    return database.run(partial(users.add, values=row, now=NOW))


def keep(database: Database, profile: Profile, now: int = NOW) -> int:
    return database.run(partial(profiles.keep, profile=profile, now=now))


def everybody(database: Database) -> list[User]:
    return database.run(partial(users.page, after=0, limit=10))


def change(database: Database, number: int, **what: Any) -> User:
    return database.run(partial(users.change, user_id=number, now=NOW + 1, **what))


def test_a_user_is_found_by_number_address_and_id_at_clerk(database: Database) -> None:
    add(database, "bob")
    number = keep(database, ANN)
    for text in (str(number), "ann@example.com", "ANN@example.com", "user_2ann"):
        assert database.run(partial(users.named, text=text)).id == number
    for text in ("user_2ANN", "ann", "0", "99", "", "x" * 500, "9" * 30):
        with pytest.raises(NoSuchUser):
            database.run(partial(users.named, text=text))
    found = database.run(partial(users.of_clerk, clerk_id="user_2ann"))
    assert found == database.run(partial(users.numbered, user_id=number))
    assert database.run(partial(users.of_clerk, clerk_id="user_2Ann")) is None


def test_an_id_of_another_provider_is_nobody_at_clerk(database: Database) -> None:
    add(database, "eve", identity_provider="google", identity_sub="user_2eve", role="admin")
    assert database.run(partial(users.of_clerk, clerk_id="user_2eve")) is None


def test_only_active_admins_administer(database: Database) -> None:
    found = {}
    for role in ("user", "admin", "subscriber_basic", "subscriber_pro"):
        for active in (True, False):
            add(database, f"{role}{active}", role=role, is_active=active)
    found = {one.username: one.administers for one in everybody(database)}
    assert [name for name, administers in found.items() if administers] == ["adminTrue"]


def test_the_last_admin_stays_and_others_may_go(database: Database) -> None:
    first, second = add(database, "a", role="admin"), add(database, "b", role="admin")
    add(database, "c", role="admin", is_active=False)
    assert change(database, first, role="user").role == "user"
    for what in ({"role": "user"}, {"is_active": False}):
        with pytest.raises(LastAdmin):
            change(database, second, **what)
    assert [one.administers for one in everybody(database)] == [False, True, False]
    assert change(database, second, role="admin").updated_at == NOW + 1
    assert change(database, first, is_active=False).is_active is False
    with pytest.raises(NoSuchUser):
        change(database, 99, role="admin")


def test_a_profile_makes_a_row_and_later_changes_it_but_neither_role_nor_access(database: Database) -> None:
    number = keep(database, ANN)
    change(database, number, role="admin", is_active=False)
    later = ANN._replace(email="ann@other.example", display_name=None, last_login_at=None)
    assert keep(database, later, NOW + 5) == number
    (found,) = everybody(database)
    assert (found.email, found.display_name, found.last_login_at) == ("ann@other.example", None, NOW)
    assert (found.role, found.is_active, found.created_at, found.updated_at) == ("admin", False, NOW, NOW + 5)


@pytest.mark.parametrize("proven", [True, False])
def test_a_row_without_anybody_is_given_to_who_has_proven_to_own_its_address(database: Database, proven: bool) -> None:
    number = add(database, "ann", role="admin")
    if proven:
        assert keep(database, ANN) == number
        assert everybody(database)[0].administers
    else:
        with pytest.raises(Taken):
            keep(database, ANN._replace(verified=False))
    assert (everybody(database)[0].clerk_id == "user_2ann") == proven


def test_an_address_is_nobody_elses_however_proven(database: Database) -> None:
    keep(database, ANN)
    with pytest.raises(Taken):
        keep(database, ANN._replace(clerk_id="user_2eve"))
    eve = keep(database, ANN._replace(clerk_id="user_2eve", email="eve@example.com"))
    with pytest.raises(Taken):
        keep(database, ANN._replace(clerk_id="user_2eve"))
    assert database.run(partial(users.numbered, user_id=eve)).email == "eve@example.com"


def test_names_are_what_stands_before_the_at_and_five_at_random() -> None:
    name = profiles.username("a" * 60 + "@example.com")
    assert (name[:31], len(name)) == ("a" * 30 + "_", 36)
    assert len({profiles.username("ann@example.com") for _ in range(50)}) == 50


def test_who_is_gone_has_no_access(database: Database) -> None:
    keep(database, ANN)
    assert database.run(partial(profiles.deactivate, clerk_id="user_2ann", now=NOW))
    assert not database.run(partial(profiles.deactivate, clerk_id="user_2eve", now=NOW))
    assert [one.is_active for one in everybody(database)] == [False]


def test_settings_are_changed_by_what_is_made_of_them(database: Database) -> None:
    number = add(database, "ann")
    made = database.run(partial(users.change_settings, user_id=number, how=lambda s: s | {"symbols": ["A-B"]}, now=NOW))
    assert made == {"version": 1, "symbols": ["A-B"]}
    assert database.run(partial(users.settings, user_id=number)) == made
    for work in (partial(users.settings, user_id=99), partial(users.change_settings, user_id=99, how=dict, now=NOW)):
        with pytest.raises(NoSuchUser):
            database.run(work)


def test_pages_follow_each_other(database: Database) -> None:
    numbers = [add(database, f"u{n}") for n in range(5)]
    first = database.run(partial(users.page, after=0, limit=3))
    rest = database.run(partial(users.page, after=first[-1].id, limit=3))
    assert [one.id for one in (*first, *rest)] == numbers
