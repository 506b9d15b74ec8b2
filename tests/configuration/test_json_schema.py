"""Tests of the JSON Schema for editors: it is the one in the repository, and sees what a schema can see."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from livermore.environment import mentioned
from livermore.errors import ConfigurationError
from livermore.strict_yaml import parse
from livermore.supervision.file_keys import FileKeys, SettingKeys
from livermore.supervision.json_schema import ON_CHANGE, SECTIONS, json_schema, main
from livermore.supervision.plan import RELOAD
from livermore.supervision.spec import ActorKeys, NodeKeys, SupervisorKeys
from livermore.tree_file import SECTIONS as OF_TREES
from livermore.validation import known_keys

ROOT = Path(__file__).parents[2]
BAD = sorted(Path(__file__).with_name("bad").glob("*.yaml"))
SCHEMA = json_schema()

UNSEEN = {
    "what is told of two keys together": """
        backoff_upside_down coalesce_without_a_key defaults_that_contradict_themselves drain_longer_than_shutdown
        hang_is_warned_of_too_late hang_poll_longer_than_a_hang hang_shorter_than_the_poll
        unreachable_intensity unreachable_intensity_of_a_supervisor unreachable_intensity_of_the_root
        warning_hang_is_never_noticed warning_of_default_shutdown warning_shutdown_is_too_long
        warning_stops_take_too_long
    """,
    "what is told of two nodes together": """
        duplicate_id health_address_taken listen_on_one_address tells_a_supervisor tells_itself tells_somebody_below
        tells_the_deaf tells_twice
    """,
    "what hangs on a class": """
        args_are_missing args_are_misspelt args_are_wrong args_for_an_actor_without_options class_falls_apart
        class_is_misspelt class_is_not_allowed class_without_a_module heartbeat_of_a_worker process_of_a_worker
        secret_that_is_wrong
    """,
    "what hangs on the mode and on variables": """
        id_needs_a_variable mode_is_not_there modes_are_empty variable_holds_something_else variable_is_misspelt
        variable_is_not_set variable_of_a_supervisor variable_of_the_process
    """,
    "bounds of what is written as text": """
        health_listens_nowhere heartbeat_of_nothing listen_on_no_port period_of_nothing size_of_nothing
        start_in_no_time
    """,
    "what stores are": "no_stores stores_misspelt stores_of_both_kinds stores_without_variables",
}
"""Bad trees that the schema accepts."""


def complaints(data: Any, schema: Any = SCHEMA) -> list[str]:
    """What the schema finds."""
    validator = Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]


def keys(schema: Any) -> Iterator[tuple[str, Any]]:
    """All keys in a schema, however deep, with their own schemas."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            yield name, inner
        for inner in schema.values():
            yield from keys(inner)


# -- the schema itself


def test_it_is_the_one_in_the_repository(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    assert (ROOT / "supervisors.schema.json").read_text() == capsys.readouterr().out, (
        "run `python -m livermore.supervision.json_schema > supervisors.schema.json`"
    )


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA


def test_every_key_says_what_a_change_of_it_does() -> None:
    silent = {
        name
        for name, schema in keys(SCHEMA)
        if "$ref" not in schema and not schema["description"].endswith(tuple(ON_CHANGE.values()))
    }
    assert silent == {"actor", "supervisor", *SECTIONS}, "but for the two kinds of defaults and the sections"


def test_every_key_has_a_reload_class_and_every_reload_class_is_one_of_a_key() -> None:
    node = set(known_keys(NodeKeys, ()))
    models = {"file": FileKeys, "settings": SettingKeys, "actor": ActorKeys, "supervisor": SupervisorKeys}
    found = {kind: set(known_keys(model, ())) for kind, model in models.items()}
    own = {"node": node, **found, "actor": found["actor"] - node, "supervisor": found["supervisor"] - node}
    assert {kind: set(classes) for kind, classes in RELOAD.items()} == own
    assert {name for classes in RELOAD.values() for name in classes.values()} == set(ON_CHANGE)


def test_its_defaults_are_written_as_people_write_them() -> None:
    defaults = [(name, schema) for name, schema in keys(SCHEMA) if "default" in schema]
    assert len(defaults) > 40
    assert [name for name, schema in defaults if complaints(schema["default"], schema)] == []


def test_it_knows_the_sections_of_a_tree() -> None:
    assert set(SECTIONS) == set(OF_TREES)


# -- trees


@pytest.mark.parametrize("name", ["supervisors.yaml", "supervisors.local.yaml"])
def test_a_good_tree_is_accepted(name: str) -> None:
    assert complaints(parse((ROOT / name).read_text(), name).data) == []


def sound() -> Iterator[Any]:
    """The bad trees that are YAML at all."""
    for file in BAD:
        try:
            yield pytest.param(parse(file.read_text(), file.name).data, id=file.stem)
        except (ConfigurationError, UnicodeDecodeError):
            continue


@pytest.mark.parametrize("data", list(sound()))
def test_a_bad_tree_is_refused_if_a_schema_can_see_why(data: Any, request: pytest.FixtureRequest) -> None:
    unseen = {name for names in UNSEEN.values() for name in names.split()}
    assert (complaints(data) == []) == (request.node.callspec.id in unseen)


def test_what_it_does_not_see_is_there() -> None:
    assert {name for names in UNSEEN.values() for name in names.split()} <= {file.stem for file in BAD}


def day(children: str, top: str = "") -> list[str]:
    """What is found in a tree with such children."""
    text = f"version: 1\n{top}\nmodes: {{day: {{id: day, stores: {{embedded: x}}, children: [{children}]}}}}"
    return complaints(parse(text, "t.yaml").data)


@pytest.mark.parametrize("text", ["${N}", "${N:-5}", "${N}s", "a${N}b", "${N:-}", "${a_1}${B:-$}"])
@pytest.mark.parametrize("key", ["id", "enabled", "restart", "shutdown", "backoff: {factor", "backoff: {min"])
def test_any_value_may_be_a_text_with_a_variable(key: str, text: str) -> None:
    also = "" if key == "id" else "id: a, "
    assert day(f"{{{also}{key}: '{text}'{'}' if '{' in key else ''}, children: []}}") == []
    assert mentioned(text)


@pytest.mark.parametrize("text", ["$N", "{N}", "${1}", "${ N }", "${N-5}", "${}", "N"])
def test_what_the_loader_leaves_as_it_is_is_no_variable(text: str) -> None:
    assert day(f"{{id: a, enabled: '{text}', children: []}}")
    assert not mentioned(text)


def test_a_variable_is_no_version_and_no_mapping() -> None:
    for text in ('{version: "${N}", modes: {}}', '{version: 1, modes: "${N}"}', '{version: 1, modes: {day: "${N}"}}'):
        assert complaints(parse(text, "t.yaml").data)


@pytest.mark.parametrize(
    ("children", "said"),
    [
        ("{id: a, class: x, children: []}", "'children' was unexpected"),
        ("{id: a}", "'children' is a required property"),
        ("{class: x}", "'id' is a required property"),
        ("{id: a, class: x, shutdwn: 5s}", "'shutdwn' was unexpected"),
        ("{id: a, children: [{id: b, children: [{id: c, class: x, hang: {afer: 5s}}]}]}", "'afer' was unexpected"),
        ("5", "5 is not of type 'object'"),
    ],
)
def test_a_fault_is_told_where_it_stands(children: str, said: str) -> None:
    (told,) = day(children)
    assert said in told
    assert told.startswith("$.modes.day.children[0]")


def test_defaults_have_the_keys_of_their_kind_but_those_of_one_node() -> None:
    assert day("", "defaults: {actor: {shutdown: 5s, hang: {after: never}}, supervisor: {intensity: 3}}") == []
    for wrong in (
        "actor: {id: a}",
        "actor: {class: x}",
        "actor: {intensity: 3}",
        "supervisor: {children: []}",
        "x: {}",
    ):
        assert day("", f"defaults: {{{wrong}}}"), wrong
