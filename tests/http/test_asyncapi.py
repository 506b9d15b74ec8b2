"""The AsyncAPI document: valid by the standard's own schema, and true of what is said on the stream."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from livermore.http import requests, stream_examples, stream_handler, websocket_rules
from livermore.http.bounds import Bounds
from livermore.http.stream_forms import FORMS
from livermore.http.stream_text import CLOSE_CODES
from tests.http.conftest import MakeWorld
from tests.http.crawl import inhabited, messages
from tests.http.world import World

STANDARD = Path(__file__).parent / "asyncapi" / "3.0.0.json.gz"


@pytest.fixture
def document(world: World) -> Any:
    answer = world.ask("/public/v1/asyncapi.json", key=None)
    assert answer.status == 200
    return answer.json()


def payload(document: Any, name: str) -> jsonschema_rs.Validator:
    """Holds messages against what is documented of one."""
    referred = document["components"]["messages"][name]["payload"]["$ref"]
    return jsonschema_rs.validator_for({"$ref": referred, "components": document["components"]})


def test_the_document_is_valid(document: Any) -> None:
    standard = jsonschema_rs.validator_for(json.loads(gzip.decompress(STANDARD.read_bytes())))
    assert [error.message for error in standard.iter_errors(document)] == []
    assert document["asyncapi"] == "3.0.0"
    assert not standard.is_valid(document | {"asyncapi": "2.6.0"})


def references(part: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(part, dict):
        yield from (inner for name, inner in part.items() if name == "$ref")
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from references(inner)


def test_every_reference_leads_somewhere(document: Any) -> None:
    for reference in set(references(document)):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    assert "#/components/schemas/CandleItem" in set(references(document))


def test_every_message_has_an_example_of_its_documented_form(document: Any) -> None:
    messages = document["components"]["messages"]
    assert set(messages) == set(document["channels"]["stream"]["messages"])
    assert set(messages) == set(FORMS) | {"auth", "subscribe", "unsubscribe", "ping"}
    for name, message in messages.items():
        (example,) = message["examples"]
        payload(document, name).validate(example["payload"])
        assert message["summary"]
        assert {"type": name, "action": name}.items() & example["payload"].items()


def test_every_message_is_said_by_the_side_that_says_it(document: Any) -> None:
    said: dict[str, set[str]] = {"send": set(), "receive": set()}
    for operation in document["operations"].values():
        answers = operation.get("reply", {}).get("messages", [])
        for found, action in ((operation["messages"], operation["action"]), (answers, "send")):
            said[action] |= {one["$ref"].rpartition("/")[2] for one in found}
    assert said == {"send": set(FORMS), "receive": set(stream_examples.CLIENT)}


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_examples_of_the_server_fit_their_forms(kind: str) -> None:
    FORMS[kind].model_validate(stream_examples.SERVER[kind], strict=True)


def test_every_kind_of_message_that_is_documented_is_really_said(make_world: MakeWorld) -> None:
    """Each of them is held against its form where it is read, in this test as in every other."""
    world = make_world(bounds=Bounds(heartbeat=0.05))
    inhabited(world)
    assert {name for name, _ in messages(world)} == {*FORMS, "close"}


def variants(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A message, and what is nearly one: with a field less or more, or one of another type."""
    yield message
    yield message | {"more": 1}
    yield message | {"token": "x"}
    for name in message:
        yield {other: inner for other, inner in message.items() if other != name}
        yield from (message | {name: wrong} for wrong in (1, None, [], ["x"], [1], "x" * 101, {}, ["x"] * 21, True))


@pytest.mark.parametrize("action", sorted(stream_examples.CLIENT))
def test_the_server_accepts_exactly_what_is_documented(document: Any, action: str) -> None:
    told, accepted = payload(document, action), 0
    for message in variants(stream_examples.CLIENT[action]):
        try:
            requests.decode(json.dumps(message))
            decoded = True
        except msgspec.ValidationError:
            decoded = False
        assert told.is_valid(message) == decoded, message
        accepted += decoded
    assert accepted


def test_the_documented_limits_are_those_that_hold_here(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(subscriptions=123, message_bytes=4321, heartbeat=7))
    text = " ".join(world.ask("/public/v1/asyncapi.json", key=None).json()["info"]["description"].split())
    for told in ("123 subscriptions", "4321 bytes", "Every 7 seconds", "20 channels"):
        assert told in text


def test_every_close_code_is_documented(document: Any) -> None:
    named = [*vars(stream_handler).values(), *vars(websocket_rules).values()]
    codes = {number for number in named if isinstance(number, int) and 1000 < number < 5000}
    assert codes == set(CLOSE_CODES)
    for code in CLOSE_CODES:
        assert f"| {code} |" in document["info"]["description"]


def test_without_a_stream_there_is_no_document_of_it(make_world: MakeWorld) -> None:
    world = make_world(routes=("candles", "docs"))
    assert world.ask("/public/v1/asyncapi.json", key=None).status == 404
