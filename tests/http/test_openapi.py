"""The OpenAPI document: true, whole, and of the same table as the answers."""

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from livermore.http import examples, schemas
from livermore.http.route import PUBLIC, Access
from tests.http.conftest import MakeWorld
from tests.http.world import World


@pytest.fixture
def document(world: World) -> Any:
    answer = world.ask("/public/v1/openapi.json", key=None)
    assert answer.status == 200
    return answer.json()


def test_the_document_is_valid(document: Any) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "Livermore Public API"
    assert document["servers"] == [{"url": "/public/v1"}]


def test_it_has_exactly_the_keyed_routes(document: Any, world: World) -> None:
    served = {route.path for route in world.front.table.routes if route.access.keyed}
    assert {PUBLIC + path for path in document["paths"]} == served
    opened = {route.path for route in world.front.table.routes if not route.access.keyed}
    assert opened == {
        "/public/v1/openapi.json", "/public/v1/docs", "/public/v1/docs/{file}", "/health", "/", "/status.json",
        "/static/{file}",
    }  # fmt: skip


def test_every_documented_route_needs_a_key_with_its_scope(document: Any, world: World) -> None:
    bodies = set()
    for path in document["paths"]:
        url = PUBLIC + re.sub(r"{\w+}", "x", path)
        for key in (None, "wrong"):
            answer = world.ask(url, key=key)
            assert answer.status == 401
            bodies.add(re.sub(rb'"request_id":"\w+"', b"", answer.body))
    assert len(bodies) == 1


def test_every_operation_tells_all_its_answers_with_examples(document: Any) -> None:
    for path, item in document["paths"].items():
        answers = item["get"]["responses"]
        assert set(answers) >= {"400", "401", "403", "429", "500", "503"}, path
        assert ("101" in answers) == (path == "/stream")
        for status, answer in answers.items():
            if status not in {"101", "304"}:
                assert answer["content"]["application/json"]["example"]["success"] is (status == "200")
    assert "426" in document["paths"]["/stream"]["get"]["responses"]
    assert "304" in document["paths"]["/candles/{exchange}/{symbol}/{timeframe}"]["get"]["responses"]


def test_every_parameter_is_documented_where_it_stands(document: Any, world: World) -> None:
    for route in world.front.table.routes:
        if route.document is None:
            continue
        told = document["paths"][route.path.removeprefix(PUBLIC)]["get"].get("parameters", [])
        assert {parameter["name"] for parameter in told} == set(route.parameters.model_fields)
        for parameter in told:
            in_path = f"{{{parameter['name']}}}" in route.path
            assert (parameter["in"], parameter.get("required", False)) == ("path" if in_path else "query", in_path)
            assert parameter["description"]


def test_documented_bounds_are_those_that_hold(document: Any, world: World) -> None:
    for path, item in document["paths"].items():
        for parameter in item["get"].get("parameters", []):
            if parameter["name"] == "limit":
                most = int(parameter["schema"]["maximum"])
                url = PUBLIC + path.format(exchange="coinbase", symbol="BTC-USD", timeframe="1h")
                assert world.ask(f"{url}?limit={most}").status == 200
                assert world.ask(f"{url}?limit={most + 1}").status == 400


@pytest.mark.parametrize(
    ("example", "form"),
    [
        (examples.CANDLES, schemas.CandlePage), (examples.SIGNALS, schemas.SignalPage),
        (examples.ALERTS, schemas.AlertPage), (examples.EXCHANGES, schemas.ExchangePage),
        (examples.SYMBOLS, schemas.SymbolPage), (examples.COVERAGE, schemas.CoveragePage),
        (examples.TIME, schemas.TimePage), (examples.error(400), schemas.ErrorAnswer),
    ],
)  # fmt: skip
def test_examples_have_the_declared_form(example: Any, form: Any) -> None:
    form.model_validate(example)


def test_only_what_is_served_is_documented(make_world: MakeWorld) -> None:
    world = make_world(routes=("candles", "docs"))
    assert list(world.ask("/public/v1/openapi.json", key=None).json()["paths"]) == [
        "/candles/{exchange}/{symbol}/{timeframe}"
    ]


def test_admin_routes_are_not_in_the_public_document(admin_world: World) -> None:
    text = admin_world.ask("/public/v1/openapi.json", key=None).body.decode()
    assert "admin" not in text
    assert any(route.access is Access.ADMIN for route in admin_world.front.table.routes)
