"""Builds the specs of one tree from its data: defaults merged, classes imported, options and edges checked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from livermore.errors import LivermoreError
from livermore.plugins import load
from livermore.strict_yaml import Document, Path, dotted
from livermore.supervision.actor import Actor, Worker
from livermore.supervision.checks import check_actor, check_supervisor
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.loop_actor import LoopActor
from livermore.supervision.shape import children_of, kind_of
from livermore.supervision.spec import ActorKeys, ActorSpec, NodeSpec, SupervisorSpec
from livermore.validation import shown_at, validate


class NodeLoader:
    """Problems go to the document, and loading goes on, so that all of them are found at once."""

    def __init__(self, document: Document, defaults: Any, settings: SettingKeys, *, need_variables: bool) -> None:
        self.document, self.defaults, self.settings = document, defaults, settings
        self.need_variables = need_variables
        self.places: list[tuple[ActorSpec, Path]] = []
        """Every actor, with its place in the file."""
        self.unloaded: set[str] = set()
        """Ids of nodes that something is wrong with: that others cannot tell them is no news."""

    def root(self, data: Any, path: Path) -> NodeSpec | None:
        """The root, whose own id is not part of its children's paths."""
        return self._node(data, path, prefix="", children_prefix="", tellable=[])

    def _node(
        self, data: Any, path: Path, *, prefix: str, tellable: list[ActorSpec], children_prefix: str | None = None
    ) -> NodeSpec | None:
        kind = kind_of(data, self.document, path)
        if kind is None:
            return None
        defaults = self.defaults.get("actor" if kind is ActorKeys else "supervisor", {})
        own = data.get("id")
        name = f"{prefix}{own}" if isinstance(own, str) and own else dotted(path)
        data = _merged(defaults, data)
        keys: Any = self._validate(kind, data, path, name)
        if kind is ActorKeys:
            return self._actor(keys, data, path, name, tellable)
        below = f"{name}/" if children_prefix is None else children_prefix
        children = tuple(self._children(children_of(data), path, below, tellable))
        if keys is None:
            return None
        check_supervisor(keys, children, self.document, path)
        return SupervisorSpec(name, keys, children)

    def _children(self, nodes: Iterable[Any], path: Path, prefix: str, tellable: list[ActorSpec]) -> Iterator[NodeSpec]:
        """The children of one supervisor. Each may tell the actors listed above it, or above any of its ancestors."""
        told, seen = list(tellable), set[str]()
        for index, data in enumerate(nodes):
            place = (*path, "children", index)
            child = self._node(data, place, prefix=prefix, tellable=told)
            name = str(data.get("id", "")) if isinstance(data, dict) else ""
            if name and name in seen:
                found = shown_at(self.document, (*place, "id"), name)
                self._blame("E_ID_DUP", f"expected each id once among siblings; found {found} again", (*place, "id"))
            seen.add(name)
            if child is None:
                self.unloaded.add(name)
                continue
            told += [child] if isinstance(child, ActorSpec) else []
            yield child

    def _actor(
        self, keys: ActorKeys | None, data: dict[str, Any], path: Path, name: str, tellable: list[ActorSpec]
    ) -> ActorSpec | None:
        """Class and options are checked even where something else is wrong."""
        reference, args = data["class"], data.get("args", {})
        actor = self._class(reference, (*path, "class")) if isinstance(reference, str) else None
        if actor is None or not isinstance(args, dict):
            return None
        options = self._validate(actor.options_class(), args, (*path, "args"), name)
        if keys is None:
            return None
        check_actor(keys, actor, self.settings, self.document, path)
        targets = self._targets(keys.tells, actor, (*path, "tells"), tellable)
        spec = ActorSpec(name, keys, actor, options, tuple(target for target in targets if target is not None))
        self.places.append((spec, path))
        return spec

    def _class(self, reference: str, path: Path) -> type[Actor] | None:
        allowed, shown = self.settings.allow_modules, shown_at(self.document, path, reference)
        if not any(reference.startswith((f"{module}.", f"{module}:")) for module in allowed):
            message = f"expected a class under {', '.join(allowed) or 'nothing'}; found {shown}"
            self._blame("E_CLASS_NOT_ALLOWED", message, path)
            return None
        try:
            found = load(reference)
        except LivermoreError as error:
            mute = f"expected a class that can be imported; found {shown}"
            self._blame("E_CLASS_IMPORT", str(error) if shown == repr(reference) else mute, path)
            return None
        except Exception as error:  # noqa: BLE001 - whatever a module does when it is imported
            message = f"expected a class that can be imported; found {shown}: {type(error).__name__}: {error}"
            self._blame("E_CLASS_IMPORT", message, path)
            return None
        if not (isinstance(found, type) and issubclass(found, Worker | LoopActor)):
            self._blame("E_CLASS_BAD", f"expected a Worker or a LoopActor; found {shown}", path)
            return None
        return found

    def _targets(
        self, names: Sequence[str], sender: type[Actor], path: Path, tellable: list[ActorSpec]
    ) -> Iterator[ActorSpec | None]:
        for index, name in enumerate(names):
            if name in names[:index]:
                found = shown_at(self.document, (*path, index), name)
                self._blame("E_TELLS", f"expected each name once; found {found} again", (*path, index))
            else:
                yield self._target(name, sender, (*path, index), tellable)

    def _target(self, wanted: str, sender: type[Actor], path: Path, tellable: list[ActorSpec]) -> ActorSpec | None:
        near = {spec.keys.id: spec for spec in tellable}
        found = shown_at(self.document, path, wanted)
        if wanted not in near and wanted in self.unloaded:
            return None
        if wanted not in near:
            message = f"expected an actor that is listed above ({', '.join(near) or 'there is none'}); found {found}"
            self._blame("E_TELLS", message, path)
            return None
        if not any(issubclass(sent, near[wanted].actor.accepts) for sent in sender.emits):
            sent = ", ".join(message.__name__ for message in sender.emits) or "nothing"
            self._blame("E_TELLS", f"expected somebody who accepts what is sent here, {sent}; found {found}", path)
        return near[wanted]

    def _validate(self, model: type[Any], data: Any, path: Path, owner: str) -> Any:
        return validate(model, data, self.document, path, need_variables=self.need_variables, owner=owner)

    def _blame(self, code: str, message: str, path: Path) -> None:
        self.document.blame(code, message, path)


def _merged(defaults: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """A node's keys over the defaults of its kind, also inside mappings; ``args`` belong to the node alone."""
    merged = dict(defaults)
    for key, value in node.items():
        deep = key != "args" and isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if deep else value
    return merged
