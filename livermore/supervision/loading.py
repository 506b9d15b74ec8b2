"""From a document to a tree: the chosen mode in full, the other modes by their shape."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from livermore.environment import fill, misspelt
from livermore.errors import ConfigurationError
from livermore.strict_yaml import Document
from livermore.supervision.checks import check_addresses, check_backoff, check_settings
from livermore.supervision.file_keys import FileKeys, SettingKeys
from livermore.supervision.node_loader import NodeLoader
from livermore.supervision.shape import check_shape
from livermore.supervision.spec import ActorKeys, ActorSpec, SupervisorKeys, SupervisorSpec, TreeSpec
from livermore.validation import known_keys, validate

Check = Callable[..., Any]
Sections = Mapping[str, type[BaseModel]]
"""Further keys of a mode's root, each with its model: what the whole tree needs, as its stores."""


_OF_ONE_NODE = {"id", "class", "children"}


def load_tree(
    document: Document, mode: str, variables: Mapping[str, str], sections: Sections, *, need_variables: bool = True
) -> TreeSpec:
    """The tree of ``mode``. Nothing of the other modes is imported, and their variables are not looked at.

    ``need_variables``: whether a variable that is not set is a problem.

    Raises:
        ConfigurationError: with all the problems there are.
    """
    file = validate(FileKeys, document.data, document, ())
    file = file or _as_far_as_it_goes(document.data)
    if file is not None:
        _check_modes(file, mode, document, sections)
    if file is None or mode not in file.modes:
        raise ConfigurationError(document.problems)
    filled = fill(file.modes[mode], variables)
    check: Check = partial(validate, document=document, need_variables=need_variables)
    for place, text in misspelt(
        {"modes": {mode: file.modes[mode]}, "settings": file.settings, "defaults": file.defaults}
    ):
        document.blame("E_VARIABLE", f"expected ${{NAME}} or ${{NAME:-default}}; found {text!r}", place)
    given = fill(file.settings, variables)
    settings = check(SettingKeys, given, path=("settings",), owner="the process")
    if settings is not None:
        check_settings(settings, document)
    heeded = settings or SettingKeys.model_validate(_sound(SettingKeys, given, {}))
    defaults = _defaults(fill(file.defaults, variables), check, document)
    checked = {
        name: check(model, filled.pop(name, {}), path=("modes", mode, name), owner=name)
        for name, model in (sections.items() if isinstance(filled, dict) else ())
    }
    loader = NodeLoader(document, defaults, heeded, need_variables=need_variables)
    root = loader.root(filled, ("modes", mode))
    if isinstance(root, ActorSpec):
        document.blame("E_NODE_KIND", "expected children: the root of a mode is a supervisor", ("modes", mode))
    check_addresses(loader.places, heeded, document)
    if document.problems:
        raise ConfigurationError(document.problems)
    if not isinstance(root, SupervisorSpec):
        root = SupervisorSpec(mode, SupervisorKeys(id="unset"), ())  # its own keys hang on variables not needed now
    return TreeSpec(root, settings, checked, tuple(document.warnings))


def _defaults(given: dict[str, dict[str, Any]], check: Check, document: Document) -> dict[str, dict[str, Any]]:
    """Those that are sound: a fault in them is told once, where they stand, and not again at every node."""
    return {kind: _defaults_of(kind, values, check, document) for kind, values in given.items()}


def _defaults_of(kind: str, given: dict[str, Any], check: Check, document: Document) -> dict[str, Any]:
    model: type[ActorKeys | SupervisorKeys] = ActorKeys if kind == "actor" else SupervisorKeys
    own = _OF_ONE_NODE & set(known_keys(model, ()))
    for key in own & given.keys():
        message = f"expected no {key} here: it belongs to one node alone"
        document.blame("E_UNKNOWN_KEY", message, ("defaults", kind, key), at_key=True)
    shared = {key: value for key, value in given.items() if key not in own}
    needed = {"id": "any", "class": "any"} if kind == "actor" else {"id": "any"}
    keys = check(model, {**needed, **shared}, path=("defaults", kind), owner=f"every {kind}")
    if keys is None:
        return _sound(model, shared, needed)
    told = len(document.problems)
    check_backoff(keys, document, ("defaults", kind))
    return shared if len(document.problems) == told else {key: shared[key] for key in shared if key != "backoff"}


def _sound(model: type[BaseModel], given: dict[str, Any], needed: dict[str, Any]) -> dict[str, Any]:
    """The keys in which nothing is wrong."""

    def is_sound(key: str, value: Any) -> bool:
        try:
            model.model_validate({**needed, key: value})
        except ValidationError:
            return False
        return True

    return {key: value for key, value in given.items() if is_sound(key, value)}


def _as_far_as_it_goes(data: Any) -> FileKeys | None:
    """What can still be looked at of a file whose own keys are wrong, so that all that is wrong is told at once.

    Of another version nothing is known.
    """
    if not isinstance(data, dict) or data.get("version") != 1 or not isinstance(data.get("modes"), dict):
        return None

    def part(of: Any, key: str) -> dict[str, Any]:
        held = of.get(key) if isinstance(of, dict) else None
        return held if isinstance(held, dict) else {}

    given = part(data, "defaults")
    defaults: Any = {kind: part(given, kind) for kind in ("actor", "supervisor")}
    return FileKeys.model_construct(
        version=1, settings=part(data, "settings"), defaults=defaults, modes=part(data, "modes")
    )


def _check_modes(file: FileKeys, chosen: str, document: Document, sections: Sections) -> None:
    for name, node in file.modes.items():
        if name != chosen:
            check_shape(node, document, ("modes", name), sections)
    if chosen not in file.modes:
        known = " or ".join(sorted(file.modes)) or "a mode"
        document.blame("E_MODE_UNKNOWN", f"expected {known}; found {chosen!r}", ("modes",))
