"""Where the stores are: URLs or their parts, complete, and no secret where people look."""

from typing import Any

import pytest
from pydantic import ValidationError

from livermore.environment import Unset
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.settings import DatabasePlace, RedisPlace, Stores

SECRET = "a/b?c#d@e:f%g"


def test_a_host_with_port_and_secret_makes_a_url_whatever_the_secret_is() -> None:
    place = RedisPlace(url="redis.example", port=6380, secret=SECRET)
    assert place.full_url == "redis://:a%2Fb%3Fc%23d%40e%3Af%25g@redis.example:6380/0"
    assert place.shown == "redis.example:6380/0"
    pool = RedisStore(place)._client.connection_pool
    assert pool.connection_kwargs["password"] == SECRET
    assert AsyncRedisStore(place)._client.connection_pool.connection_kwargs["password"] == SECRET


def test_a_full_url_needs_neither_port_nor_secret() -> None:
    place = RedisPlace.model_validate({"url": "rediss://u:p@r.example/3", "port": Unset(["P"]), "secret": Unset(["S"])})
    assert place.full_url == "rediss://u:p@r.example/3"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3cret@r.example:6380/0",
        "rediss://user:s3cret@r.example:6380/0",
        "redis://:x@s3cret@r.example:6380/0",
        "redis://r.example:6380/0?password=s3cret",
        "redis://r.example:6380/0?username=a@s3cret&password=s3cret",
    ],
)
def test_what_people_are_shown_has_no_secret_in_it(url: str) -> None:
    place = RedisPlace(url=url)
    assert "s3cret" not in place.shown + repr(place) + str(place)
    assert "r.example:6380" in place.shown


@pytest.mark.parametrize(
    "url",
    [
        "redis://:p4s/sw0rd@r.example:6380/0",
        "redis://:p4s?sw0rd@r.example:6380/0",
        "redis://:12#sw0rd@r.example:6380/0",
        "redis://",
        "redis://:6379",
        "redis://r.example:99999",
        "redis://[::1",
        "unix://",
        "http://r.example",
        "r.example:6379",
        "::1",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_saying_it(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        RedisPlace(url=url)
    assert not [part for part in ("p4s", "sw0rd", "12") if part in str(caught.value)]


def test_a_unix_socket_is_a_place() -> None:
    assert RedisPlace(url="unix:///run/valkey.sock").shown == "unix:///run/valkey.sock"


def test_the_parts_of_a_database_make_a_url_whatever_the_password_is() -> None:
    place = DatabasePlace(host="db.example", port=3307, username="u@x", password=SECRET, name="livermore")
    assert place.full_url == (
        "mysql+pymysql://u%40x:a%2Fb%3Fc%23d%40e%3Af%25g@db.example:3307/livermore?charset=utf8mb4"
    )
    assert SECRET not in repr(place)


def test_a_database_url_needs_no_parts() -> None:
    given = {"url": "sqlite:///x.db", "host": Unset(["H"]), "port": Unset(["P"]), "password": Unset(["W"])}
    assert DatabasePlace.model_validate(given).full_url == "sqlite:///x.db"


def test_every_part_that_is_missing_is_named() -> None:
    with pytest.raises(ValidationError, match="found no host, name"):
        DatabasePlace(username="u")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"redis": {"url": "r"}},
        {"database": {"url": "sqlite:///x.db"}},
        {"redis": {"url": "r"}, "database": {"url": "sqlite:///x.db"}, "embedded": "folder"},
    ],
)
def test_stores_are_somewhere_or_embedded_and_not_both(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="expected redis and database, or embedded instead of both"):
        Stores.model_validate(given)
