"""The shape of a tree: what can be checked of a mode that is not chosen, without its variables and classes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from livermore.plugins import did_you_mean
from livermore.strict_yaml import Document, Path
from livermore.supervision.spec import ActorKeys, SupervisorKeys
from livermore.validation import known_keys, shown_at


def check_shape(node: Any, document: Document, path: Path, also: Collection[str] = ()) -> None:
    """Blame nodes that are none, and keys that no such node has; ``also``: further keys of the topmost node."""
    kind = kind_of(node, document, path)
    if kind is None:
        return
    known = [*known_keys(kind, ()), *also]
    for key in node.keys() - set(known):
        message = f"expected one of {', '.join(known)}; found {key!r}{did_you_mean(key, known)}"
        document.blame("E_UNKNOWN_KEY", message, (*path, key), at_key=True)
    for index, child in enumerate(children_of(node)):
        check_shape(child, document, (*path, "children", index))


def children_of(node: Mapping[str, Any]) -> Sequence[Any]:
    """What stands below a node, if that is a list at all."""
    children = node.get("children")
    return children if isinstance(children, list) else ()


def kind_of(node: Any, document: Document, path: Path) -> type[ActorKeys | SupervisorKeys] | None:
    """The model of a node's keys; None, with a problem, for what is no node."""
    if not isinstance(node, dict):
        document.blame(
            "E_TYPE", f"expected a node, which is a mapping with an id; found {shown_at(document, path, node)}", path
        )
    elif ("class" in node) == ("children" in node):
        found = "both" if "class" in node else "neither"
        message = f"expected either class, which makes an actor, or children, which makes a supervisor; found {found}"
        document.blame("E_NODE_KIND", message, path)
    else:
        return ActorKeys if "class" in node else SupervisorKeys
    return None
