"""The admin API's own document: whole, valid, true of what is answered, and for administrators only."""

import json
from functools import partial
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from livermore.http.route import Access
from livermore.store import users
from tests.http.world import World


@pytest.fixture
def document(admin_world: World) -> Any:
    return admin_world.admin("/openapi.json")


def test_the_document_is_valid_and_has_every_admin_route_with_every_method(document: Any, admin_world: World) -> None:
    validate(document)
    assert (document["openapi"], document["servers"]) == ("3.1.0", [{"url": "/admin/v1"}])
    told = {(f"/admin/v1{path}", method.upper()) for path, item in document["paths"].items() for method in item}
    routes = [route for route in admin_world.front.table.routes if route.access is Access.ADMIN]
    assert told == {(route.path, method) for route in routes for method in route.methods}
    assert [route.path for route in routes if route.document is None] == []


def test_operations_have_names_of_their_own_and_say_what_they_take(document: Any) -> None:
    operations = [one for item in document["paths"].values() for one in item.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    for one in operations:
        assert one["summary"]
        assert set(one["responses"]) >= {"400", "401", "403", "429", "503"}
    body = document["paths"]["/users/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"role", "is_active"}
    assert body["additionalProperties"] is False


def test_only_administrators_see_it_and_the_public_document_shows_none_of_it(admin_world: World) -> None:
    assert admin_world.ask("/admin/v1/openapi.json", key=None).status == 401
    assert admin_world.ask("/admin/v1/openapi.json").status == 401
    assert "admin" not in admin_world.ask("/public/v1/openapi.json", key=None).body.decode()


def test_answers_have_the_form_that_is_told(document: Any, admin_world: World) -> None:
    values = {"username": "ann", "email": "ann@example.com", "role": "admin"}
    number = admin_world.database.run(partial(users.add, values=values, now=admin_world.clock.wall()))
    made = admin_world.admin("/keys", method="POST", status=201, name="k")
    asked: list[tuple[str, str, str, int, dict[str, Any]]] = [
        ("/me", "/me", "get", 200, {}),
        ("/users", "/users", "get", 200, {}),
        ("/users/{id}", f"/users/{number}", "patch", 200, {"role": "admin"}),
        ("/users/{id}/settings", f"/users/{number}/settings", "get", 200, {}),
        ("/users/{id}/settings/export", f"/users/{number}/settings/export", "get", 200, {}),
        ("/audit", "/audit", "get", 200, {}),
        ("/keys", "/keys", "get", 200, {}),
        ("/keys", "/keys", "post", 201, {"name": "other"}),
        ("/keys/{id}/rotate", f"/keys/{made['id']}/rotate", "post", 201, {"overlap": "1h"}),
        ("/keys/{id}", f"/keys/{made['id']}", "delete", 200, {}),
        ("/keys/{id}", "/keys/0123456789ab", "delete", 404, {}),
    ]
    for template, path, method, status, body in asked:
        answer = admin_world.admin(path, method=method.upper(), status=status, **body)
        told = document["paths"][template][method]["responses"][str(status)]["content"]["application/json"]["schema"]
        schema = json.loads(json.dumps(told).replace("#/components/schemas/", "#/$defs/"))
        defs = json.loads(json.dumps(document["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/"))
        Draft202012Validator({**schema, "$defs": defs}).validate(answer)
