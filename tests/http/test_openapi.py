"""The OpenAPI document: true, whole, and of the same table as the answers."""

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from livermore.errors import Transient
from livermore.http import examples, schemas
from livermore.http.route import PUBLIC, Access
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import api_keys
from tests.http.conftest import MakeWorld
from tests.http.world import EXCHANGE, TOKEN, World
from tests.http.world import PUBLIC as PW_HOST
from tests.support.candles import T0


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


@pytest.mark.parametrize("words", [PW_HOST, EXCHANGE])
def test_it_has_exactly_the_keyed_routes_of_each_mode(make_world: MakeWorld, words: tuple[str, ...]) -> None:
    world = make_world(routes=words, admin={"token": TOKEN})
    paths = world.ask("/public/v1/openapi.json", key=None).json()["paths"]
    assert {PUBLIC + path for path in paths} == {route.path for route in world.front.table.routes if route.access.keyed}
    documented = [route for route in world.front.table.routes if route.document and route.public]
    assert [route.path for route in documented if not route.access.keyed] == []


def test_what_is_open_to_anyone_is_known(world: World) -> None:
    opened = {route.path for route in world.front.table.routes if not route.access.keyed}
    assert opened == {
        "/public/v1/openapi.json", "/public/v1/asyncapi.json", "/public/v1/docs", "/public/v1/docs/stream",
        "/public/v1/docs/guide", "/public/v1/docs/{file}", "/health", "/", "/status.json", "/static/{file}",
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
        assert set(answers) >= {"400", "401", "403", "413", "414", "429", "431", "500", "503"}, path
        names_something = {"exchange", "symbol"} & {one["name"] for one in item["get"].get("parameters", [])}
        assert ("404" in answers) == bool(names_something), path
        assert ("101" in answers) == (path == "/stream")
        for status, answer in answers.items():
            if status not in {"101", "304"}:
                assert answer["content"]["application/json"]["example"]["success"] is (status == "200")
    assert "426" in document["paths"]["/stream"]["get"]["responses"]
    assert "304" in document["paths"]["/candles/{exchange}/{symbol}/{timeframe}"]["get"]["responses"]


def test_operations_have_names_that_make_pleasant_clients(document: Any) -> None:
    assert {path: item["get"]["operationId"] for path, item in document["paths"].items()} == {
        "/candles/{exchange}/{symbol}/{timeframe}": "get_candles",
        "/coverage/{exchange}/{symbol}/{timeframe}": "get_coverage",
        "/signals/{exchange}": "get_signals",
        "/signals/{exchange}/{symbol}": "get_signals_of_symbol",
        "/alerts": "get_alerts",
        "/exchanges": "get_exchanges",
        "/symbols": "get_symbols",
        "/time": "get_time",
        "/limits": "get_limits",
        "/stream": "get_stream",
    }


def test_links_lead_to_operations_with_parameters_that_these_have(document: Any) -> None:
    operations = {item["get"]["operationId"]: item["get"] for item in document["paths"].values()}
    links = {
        (name, key): link
        for name, operation in operations.items()
        for key, link in operation["responses"].get("200", {}).get("links", {}).items()
    }
    for (name, key), link in links.items():
        target = operations[link["operationId"]]
        known = {parameter["name"]: parameter["in"] for parameter in target.get("parameters", [])}
        assert set(link["parameters"]) <= set(known), (name, key)
        assert {n for n, where in known.items() if where == "path"} <= set(link["parameters"]), (name, key)
    paged = {name for name, one in operations.items() if "cursor" in {p["name"] for p in one.get("parameters", [])}}
    assert paged == {name for name, key in links if key == "next_page"}
    assert {("get_symbols", "get_candles"), ("get_exchanges", "get_symbols")} <= set(links)


def test_links_to_what_is_not_served_are_left_out(make_world: MakeWorld) -> None:
    told = make_world(routes=("symbols", "docs")).ask("/public/v1/openapi.json", key=None).json()
    assert set(told["paths"]["/symbols"]["get"]["responses"]["200"]["links"]) == {"next_page"}


def test_answers_have_the_headers_that_are_documented_and_no_others_of_ours(
    document: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that carry meaning; what any server sends, and what browsers go by, is not told."""
    plain = {
        "content-type", "content-length", "date", "vary", "cache-control", "x-content-type-options", "referrer-policy",
        "access-control-allow-origin", "access-control-expose-headers", "connection",
    }  # fmt: skip

    def required(told: Any) -> set[str]:
        entries = document["components"]["headers"]
        return {name for name, one in told.items() if entries[one["$ref"].rpartition("/")[2]].get("required")}

    urls = {
        "/candles/{exchange}/{symbol}/{timeframe}": "/candles/coinbase/BTC-USD/1h", "/exchanges": "/exchanges",
        "/coverage/{exchange}/{symbol}/{timeframe}": "/coverage/coinbase/BTC-USD/30m", "/stream": "/stream",
    }  # fmt: skip
    world.known(Series("coinbase", "BTC-USD", Timeframe.H1), T0, T0)
    found = []
    for path, url in urls.items():
        tag = world.ask(PUBLIC + url).headers.get("etag", "none")
        found += [(path, world.ask(PUBLIC + url, key=key)) for key in ("", None)]
        found.append((path, world.ask(PUBLIC + url, headers={"If-None-Match": tag})))
        found.append((path, world.ask(f"{PUBLIC}{url}?nonsense=1")))
        found.append((path, world.ask(f"{PUBLIC}{url.replace('coinbase', 'nowhere')}")))
    poor = world.database.run(lambda c: api_keys.create(c, "poor", world.clock.wall(), requests_per_minute=1))
    found += [("/exchanges", world.ask(f"{PUBLIC}/exchanges", key=poor)) for _ in range(2)]
    monkeypatch.setattr(world.front.directory, "markets", away)
    found.append(("/exchanges", world.ask(f"{PUBLIC}/exchanges")))
    for path, answer in found:
        told = document["paths"][path]["get"]["responses"][str(answer.status)].get("headers", {})
        documented = {name.lower() for name in told}
        assert {name.lower() for name in required(told)} <= set(answer.headers), (path, answer.status)
        assert set(answer.headers) - plain <= documented, (path, answer.status)
    assert {answer.status for _, answer in found} == {200, 304, 400, 401, 404, 426, 429, 503}


async def away() -> None:
    raise Transient("the store is away")


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
        (examples.TIME, schemas.TimePage), (examples.LIMITS, schemas.LimitsPage),
        (examples.error(400), schemas.ErrorAnswer),
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
