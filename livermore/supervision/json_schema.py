"""The JSON Schema of ``supervisors.yaml``, for editors: made of the models that check the file. Run it to print it.

It sees the keys and the form of their values. What only the loader can know it accepts: whether ids are unique, classes
exist, options suit their class, variables are set, and values fit each other.
"""

import json
import math
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from livermore.supervision.file_keys import FileKeys, SettingKeys
from livermore.supervision.plan import RELOAD
from livermore.supervision.spec import ActorKeys, SupervisorKeys

Schema = dict[str, Any]
Classes = Mapping[str, str]
"""The reload class of each key."""

ON_CHANGE = {
    "identity": "Another id is another node: the old one is removed, the new one added.",
    "live": "A change is heeded from now on.",
    "restart": "A change restarts the actor.",
    "process": "A change is refused: only a new process can heed it.",
}
SECTIONS = {"stores": "Where Redis and SQL are; `livermore check` knows its keys."}
"""Further keys of a mode's root, whose models this package does not know."""
OF_ONE_NODE = {"id", "class", "children"}
VARIABLE: Schema = {
    "description": "A text with a variable: ${NAME}, which must be set, or ${NAME:-default}.",
    "type": "string",
    "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}",
}


def json_schema() -> Schema:
    """The schema of the whole file; everything in it can be written as JSON."""
    kinds = (FileKeys, SettingKeys, ActorKeys, SupervisorKeys)
    models: dict[str, Schema] = models_json_schema([(kind, "validation") for kind in kinds])[1]["$defs"]
    actor = _mapping("ActorKeys", models, {**RELOAD["node"], **RELOAD["actor"]})
    supervisor = _mapping("SupervisorKeys", models, {**RELOAD["node"], **RELOAD["supervisor"]})
    supervisor["properties"]["children"] |= {"items": _reference("node")}
    del supervisor["properties"]["children"]["default"]  # it is by its children that a node is a supervisor
    supervisor["required"] = ["id", "children"]
    sections = {name: {"description": text, "type": "object"} for name, text in SECTIONS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "supervisors.yaml",
        **_file(models, {"actor": actor, "supervisor": supervisor}),
        "$defs": {
            "actor": actor,
            "mode": {**supervisor, "properties": _same("supervisor", supervisor["properties"]) | sections},
            "node": {"if": {"required": ["class"]}, "then": _reference("actor"), "else": _reference("supervisor")},
            "supervisor": supervisor,
            "variable": VARIABLE,
        },
    }


def _file(models: Mapping[str, Schema], nodes: Mapping[str, Schema]) -> Schema:
    file = _mapping("FileKeys", models, RELOAD["file"])
    keys = file["properties"]
    settings = _mapping("SettingKeys", models, RELOAD["settings"])
    shared = {kind: _shared(kind, node) for kind, node in nodes.items()}
    plain, _variable = keys["version"].pop("anyOf")  # it is looked at before any variable is
    keys["version"] |= plain
    keys["settings"] = settings | {"description": keys["settings"]["description"]}
    keys["defaults"] |= {"additionalProperties": False, "properties": shared}
    keys["modes"] |= {"additionalProperties": _reference("mode")}
    return file


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _same(kind: str, keys: Iterable[str]) -> dict[str, Schema]:
    """Keys that are what they are in a kind of node."""
    return {key: _reference(f"{kind}/properties/{key}") for key in keys}


def _shared(kind: str, node: Schema) -> Schema:
    """What the defaults of a kind of node may say: all that does not belong to one node alone."""
    keys = _same(kind, [key for key in node["properties"] if key not in OF_ONE_NODE])
    text = f"What holds for every {kind} that does not say otherwise."
    return {"additionalProperties": False, "description": text, "properties": keys, "type": "object"}


def _mapping(name: str, models: Mapping[str, Schema], reload: Classes) -> Schema:
    """A model, with its key's models in it."""
    model = models[name]
    keys = {key: _key(written, models, reload[key]) for key, written in model["properties"].items()}
    return {key: value for key, value in model.items() if key != "title"} | {"properties": keys}


def _key(written: Schema, models: Mapping[str, Schema], reload: str) -> Schema:
    """One key; those within it share its reload class."""
    sentence = ON_CHANGE[reload]
    if "$ref" in written:
        name = written["$ref"].rpartition("/")[2]
        inner = _mapping(name, models, dict.fromkeys(models[name]["properties"], reload))
        return inner | {"description": f"{inner['description']} {sentence}"}
    bare = {name: value for name, value in written.items() if name not in {"title", "default"}}
    default = {"default": _default(written)} if "default" in written else {}
    return {"description": sentence, **default, **_filled(bare)}


def _filled(value: Schema) -> Schema:
    """A value, or a text with a variable, which is filled before anything is looked at."""
    if value.get("type") == "array":
        return {**value, "items": _filled(value["items"])}
    if value.get("type") == "object" or not value or value == {"type": "string"}:
        return value
    return {"anyOf": [*value.get("anyOf", [value]), _reference("variable")]}


def _default(written: Schema) -> Any:
    """A default as people write it: seconds as a duration, and without end as the word for that."""
    default, texts = written["default"], written.get("type") == "string"
    if not (texts and isinstance(default, float)):
        return default
    if math.isinf(default):
        return written["examples"][-1]
    return f"{default:g}s" if default >= 1 or default == 0 else f"{default * 1000:g}ms"


def main() -> None:
    """Print it."""
    sys.stdout.write(json.dumps(json_schema(), indent=2, sort_keys=True, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
