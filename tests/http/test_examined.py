"""Whatever is asked of the public API: no fault of ours, nothing undocumented, and nothing without a key."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from livermore.http import handler
from livermore.http.answer import Answer, of_data
from livermore.http.limits import standing
from livermore.http.parameters import Parameters
from livermore.http.refusal import Refusal
from livermore.http.table import Table
from livermore.http.visitor import Visitor
from livermore.store.api_keys import ApiKey
from tests.http.conftest import MakeWorld
from tests.http.examiner import Findings, examine, inhabited
from tests.http.world import EXCHANGE, PUBLIC, TOKEN, World

SEED = 20_260_809
EACH = 15
LEAST = 400
"""Cases in each of the two modes. There are 20,000 in `tests/soak/test_examined.py`, where pages are found by cursors,
too: among so few cases that is a matter of luck, and of which modules Hypothesis finds words in.
"""


@pytest.mark.parametrize("words", [PUBLIC, EXCHANGE], ids=["pw-host", "exchange"])
def test_no_answer_contradicts_the_document(make_world: MakeWorld, words: tuple[str, ...]) -> None:
    print("seed", SEED)
    world = make_world(routes=words, admin={"token": TOKEN})
    inhabited(world)
    found = examine(world, SEED, EACH)
    assert found.faults == {}
    assert found.cases >= LEAST
    answered = {where for where, status in found.answers if status in {200, 426}}
    assert answered == {f"GET {path}" for path in world.ask("/public/v1/openapi.json").json()["paths"]}


# faults that are planted, so that the examination is not blind


def planted(make_world: MakeWorld, answer: Callable[[], Answer]) -> Findings:
    """What is found where one route answers so."""

    async def faulty(*_: Any) -> Answer:
        return answer()

    world = make_world(routes=("time", "docs"))
    routes = [replace(one, handler=faulty) if one.document else one for one in world.front.table.routes]
    world.front.table = Table(routes)
    return examine(world, SEED, each=3)


def refusing(status: int) -> Answer:
    raise Refusal(status, "No")


def whole(row: dict[str, Any], **more: Any) -> Answer:
    facts = {"count": 1, "next_cursor": None, "has_more": False}
    return of_data({"success": True, "data": [row], "meta": facts, **more})


NOW = {"timestamp": "2026-08-09T21:05:00.000Z", "unix_ms": 1, "market": None}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: of_data(1 / 0), "ServerError"),
        (lambda: refusing(500), "ServerError"),
        (lambda: refusing(418), "UndefinedStatusCode"),
        (lambda: replace(whole(NOW), status=201), "UndefinedStatusCode"),
        (lambda: whole(NOW | {"unix_ms": "1"}), "JsonSchemaError"),
        (lambda: whole(NOW | {"stage": "rallying"}), "JsonSchemaError"),
        (lambda: whole({"timestamp": NOW["timestamp"], "market": None}), "JsonSchemaError"),
        (lambda: replace(whole(NOW), content_type="text/plain"), "UndefinedContentType"),
        (lambda: refusing(400), "RejectedPositiveData"),
        (lambda: refusing(503), "MissingHeaders"),
    ],
)
def test_a_fault_of_a_route_is_found(make_world: MakeWorld, answer: Callable[[], Answer], kind: str) -> None:
    assert f"GET /time {kind}" in planted(make_world, answer).faults


def test_a_route_without_any_of_them_is_not_blamed(make_world: MakeWorld) -> None:
    assert planted(make_world, lambda: whole(NOW)).faults == {}


def test_a_route_that_takes_what_it_documents_to_refuse_is_found(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(routes=("symbols", "docs"))
    inhabited(world)
    for route in world.front.table.routes:
        monkeypatch.setattr(handler, "read", lambda model, *_: model.model_construct())
        assert issubclass(route.parameters, Parameters)
    assert any("AcceptedNegativeData" in kind for kind in examine(world, SEED, each=10).faults)


def test_a_success_without_a_key_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def anybody(*_: Any) -> Visitor:
        key = ApiKey("0" * 16, "", "", frozenset({"read", "stream"}), 1_000_000, 5, None)
        return Visitor(key, standing(key.requests_per_minute, key.requests_per_minute, allowed=True))

    monkeypatch.setattr(handler, "admit", anybody)
    found = examine(world, SEED, each=3).faults
    assert {"GET /time without a key", "GET /time IgnoredAuth"} <= set(found)
