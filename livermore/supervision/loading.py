"""From a document to a tree: the chosen mode in full, the other modes by their shape."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel

from livermore.environment import fill
from livermore.errors import ConfigurationError
from livermore.strict_yaml import Document
from livermore.supervision.checks import check_addresses
from livermore.supervision.file_keys import FileKeys, SettingKeys
from livermore.supervision.node_loader import NodeLoader
from livermore.supervision.shape import check_shape
from livermore.supervision.spec import ActorKeys, ActorSpec, SupervisorKeys, SupervisorSpec, TreeSpec
from livermore.validation import validate

Check = Callable[..., Any]
Sections = Mapping[str, type[BaseModel]]
"""Further keys of a mode's root, each with its model: what the whole tree needs, as its stores."""


def load_tree(
    document: Document, mode: str, variables: Mapping[str, str], sections: Sections, *, need_variables: bool = True
) -> TreeSpec:
    """The tree of ``mode``. Nothing of the other modes is imported, and their variables are not looked at.

    ``need_variables``: whether a variable that is not set is a problem.

    Raises:
        ConfigurationError: with all the problems there are.
    """
    file = validate(FileKeys, document.data, document, ())
    if file is not None:
        _check_modes(file, mode, document, sections)
    if file is None or mode not in file.modes:
        raise ConfigurationError(document.problems)
    filled = fill(file.modes[mode], variables)
    check: Check = partial(validate, document=document, need_variables=need_variables)
    settings = check(SettingKeys, fill(file.settings, variables), path=("settings",), owner="the process")
    defaults = _defaults(fill(file.defaults, variables), check)
    checked = {
        name: check(model, filled.pop(name, {}), path=("modes", mode, name), owner=name)
        for name, model in (sections.items() if isinstance(filled, dict) else ())
    }
    loader = NodeLoader(document, defaults, settings or SettingKeys(), need_variables=need_variables)
    root = loader.root(filled, ("modes", mode))
    if isinstance(root, ActorSpec):
        document.blame("E_NODE_KIND", "expected children: the root of a mode is a supervisor", ("modes", mode))
    check_addresses(loader.places, document)
    if document.problems:
        raise ConfigurationError(document.problems)
    if not isinstance(root, SupervisorSpec):
        root = SupervisorSpec(mode, SupervisorKeys(id="unset"), ())  # its own keys hang on variables not needed now
    return TreeSpec(root, settings, checked, tuple(document.warnings))


def _defaults(given: dict[str, dict[str, Any]], check: Check) -> dict[str, dict[str, Any]]:
    """Those that are sound: a fault in them is told once, where they stand, and not again at every node."""
    kinds = {"actor": (ActorKeys, {"id": "any", "class": "any"}), "supervisor": (SupervisorKeys, {"id": "any"})}
    sound = {}
    for kind, values in given.items():
        model, needed = kinds[kind]
        if check(model, {**needed, **values}, path=("defaults", kind), owner=f"every {kind}"):
            sound[kind] = values
    return sound


def _check_modes(file: FileKeys, chosen: str, document: Document, sections: Sections) -> None:
    for name, node in file.modes.items():
        if name != chosen:
            check_shape(node, document, ("modes", name), sections)
    if chosen not in file.modes:
        known = " or ".join(sorted(file.modes)) or "a mode"
        document.blame("E_MODE_UNKNOWN", f"expected {known}; found {chosen!r}", ("modes",))
