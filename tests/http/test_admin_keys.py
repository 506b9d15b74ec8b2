"""Keys by the admin API: the same as on the command line, for administrators only, and nothing loose in a body."""

import json

import pytest

from livermore.store import api_keys
from tests.http.conftest import MakeWorld
from tests.http.world import TOKEN, World

URL = "/public/v1/exchanges"
DAY = 86_400_000


def id_of(key: str) -> str:
    return (api_keys.split(key) or ("",))[0]


def make(world: World, **grant: object) -> dict[str, str]:
    made: dict[str, str] = world.admin("/keys", method="POST", status=201, name="trader", **grant)
    return made


def test_a_key_is_made_shown_once_and_good_for_what_was_granted(admin_world: World) -> None:
    made = make(admin_world, scopes=["read"], requests_per_minute=7, connections=2, expires="90d")
    assert made.keys() == {"id", "key"}
    assert admin_world.ask(URL, key=made["key"]).headers["x-ratelimit-limit"] == "7"
    assert admin_world.ask("/public/v1/stream", key=made["key"]).status == 403
    _, found = admin_world.admin("/keys")
    now = admin_world.clock.wall()
    assert found == {
        "id": made["id"], "name": "trader", "scopes": ["read"], "requests_per_minute": 7, "connections": 2,
        "created_at": "2023-11-14T22:13:22.000Z", "expires_at": "2024-02-12T22:13:22.000Z", "last_used_at": None,
        "requests_today": 0, "state": "active",
    }  # fmt: skip
    assert made["key"].split("_", 2)[2] not in json.dumps(admin_world.admin("/keys"))
    assert now == 1_700_000_002_000


def test_a_key_is_rotated_with_an_overlap(admin_world: World) -> None:
    old = make(admin_world)
    new = admin_world.admin(f"/keys/{old['id']}/rotate", method="POST", status=201, overlap="1h")
    for key in (old, new):
        assert admin_world.ask(URL, key=key["key"]).status == 200
    admin_world.clock.advance(3600)
    assert [admin_world.ask(URL, key=key["key"]).status for key in (old, new)] == [401, 200]


def test_without_a_word_the_overlap_is_a_day(admin_world: World) -> None:
    admin_world.admin(f"/keys/{id_of(admin_world.key)}/rotate", method="POST", status=201)
    first, _ = admin_world.admin("/keys")
    assert first["expires_at"] == "2023-11-15T22:13:22.000Z"


def test_a_revoked_key_is_out_at_once(admin_world: World) -> None:
    assert admin_world.ask(URL).status == 200
    key_id = id_of(admin_world.key)
    for _ in range(2):
        told = admin_world.admin(f"/keys/{key_id}", method="DELETE")
        assert told == {"id": key_id, "state": "revoked", "told": True}
    assert admin_world.ask(URL).status == 401
    assert [one["state"] for one in admin_world.admin("/keys")] == ["revoked"]
    refused = admin_world.admin(f"/keys/{key_id}/rotate", method="POST", status=400)
    assert refused["error"]["message"] == f"the key {key_id} is revoked: make a new one"


def test_a_key_that_is_not_there_is_not_found(admin_world: World) -> None:
    for path, method in (("/keys/0123456789ab", "DELETE"), ("/keys/0123456789ab/rotate", "POST")):
        error = admin_world.admin(path, method=method, status=404)["error"]
        assert (error["code"], error["param"], error["message"]) == ("NOT_FOUND", "id", "Key not found")
    assert admin_world.admin("/keys/x", method="DELETE", status=400)["error"]["param"] == "id"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{}", "name"), (b'{"name":1}', "name"), (b'{"name":""}', "name"), (b'{"name":"a\\ud800"}', "name"),
        (b'{"name":"a","scopes":["write"]}', "scopes"), (b'{"name":"a","scopes":"read"}', "scopes"),
        (b'{"name":"a","requests_per_minute":"300"}', "requests_per_minute"),
        (b'{"name":"a","requests_per_minute":1e9}', "requests_per_minute"),
        (b'{"name":"a","connections":true}', "connections"), (b'{"name":"a","connections":0}', "connections"),
        (b'{"name":"a","expires":"2001-01-01T00:00:00Z"}', "expires"), (b'{"name":"a","secret":"x"}', "secret"),
        (b'{"name":"a","name":"b"}', "name"), (b'{"name":"a","connections":NaN}', None),
        (b"[]", None), (b'"a"', None), (b"{", None), (b"\xff", None), (b"[" * 4000, None), (b'{"name":"a"} x', None),
        (b'{"_visitor":1}', "_visitor"), (b"{\x00}", None), ('{"name":"a"}'.encode("utf-16"), None),
    ],
)  # fmt: skip
def test_a_body_that_is_not_just_so_is_refused_and_makes_nothing(
    admin_world: World, body: bytes, param: str | None
) -> None:
    answer = admin_world.ask(
        "/admin/v1/keys", method="POST", key=None, headers={"Authorization": f"Bearer {TOKEN}"}, body=body
    )
    error = answer.json()["error"]
    assert (answer.status, error["code"], error.get("param")) == (400, "BAD_REQUEST", param)
    assert len(admin_world.admin("/keys")) == 1


def test_a_long_body_is_refused_unread(admin_world: World) -> None:
    body = json.dumps({"name": "x" * 5000}).encode()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = admin_world.ask("/admin/v1/keys", method="POST", key=None, headers=headers, body=body)
    assert (answer.status, answer.json()["error"]["code"]) == (413, "CONTENT_TOO_LARGE")


@pytest.mark.parametrize(
    ("path", "method"),
    [("/keys", "GET"), ("/keys", "POST"), ("/keys/0123456789ab", "DELETE"), ("/keys/0123456789ab/rotate", "POST")],
)
def test_nobody_but_an_administrator_may_do_any_of_it(admin_world: World, path: str, method: str) -> None:
    for headers in ({}, {"X-API-Key": admin_world.key}, {"Authorization": "Bearer nonsense"}):
        answer = admin_world.ask(f"/admin/v1{path}", method=method, key=None, headers=headers, body=b'{"name":"me"}')
        assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="admin"')
    assert len(admin_world.admin("/keys")) == 1


def test_each_path_allows_the_methods_that_it_has(admin_world: World) -> None:
    allowed = {
        "/keys": "GET, HEAD, POST, OPTIONS",
        "/keys/0123456789ab": "DELETE, OPTIONS",
        "/keys/0123456789ab/rotate": "POST, OPTIONS",
    }
    for path, methods in allowed.items():
        assert admin_world.ask(f"/admin/v1{path}", method="OPTIONS", key=None).headers["allow"] == methods
        answer = admin_world.ask(f"/admin/v1{path}", method="PUT", key=None)
        assert (answer.status, answer.headers["allow"]) == (405, methods)


def test_a_front_without_the_word_has_none_of_it(make_world: MakeWorld) -> None:
    world = make_world(routes=("admin",), admin={"token": TOKEN})
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert world.ask("/admin/v1/keys", key=None, headers=headers).status == 404
