"""From a document to a tree: the chosen mode in full, the other modes by their shape."""

from collections.abc import Mapping

from pydantic import BaseModel

from livermore.environment import fill
from livermore.errors import ConfigurationError
from livermore.strict_yaml import Document
from livermore.supervision.file_keys import FileKeys, ProcessKeys
from livermore.supervision.node_loader import NodeLoader
from livermore.supervision.shape import check_shape
from livermore.supervision.spec import SupervisorSpec, TreeSpec
from livermore.validation import validate

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
    settings = validate(ProcessKeys, fill(file.settings, variables), document, ("settings",)) or ProcessKeys()
    checked = {}
    for name, model in sections.items() if isinstance(filled, dict) else ():
        place, data = ("modes", mode, name), filled.pop(name, {})
        checked[name] = validate(model, data, document, place, need_variables=need_variables, owner=name)
    loader = NodeLoader(document, fill(file.defaults, variables), settings, need_variables=need_variables)
    root = loader.root(filled, ("modes", mode))
    if document.problems or not isinstance(root, SupervisorSpec):
        raise ConfigurationError(document.problems)
    return TreeSpec(root, settings, checked)


def _check_modes(file: FileKeys, chosen: str, document: Document, sections: Sections) -> None:
    for name, node in file.modes.items():
        if name != chosen:
            check_shape(node, document, ("modes", name), sections)
    if chosen not in file.modes:
        known = " or ".join(sorted(file.modes))
        document.blame("E_MODE_UNKNOWN", f"expected {known}; found {chosen!r}", ("modes",))
