"""The plan of a reload: exactly what differs between two trees, and what each difference does."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from livermore.supervision.spec import ActorKeys, ActorSpec, NodeSpec, SupervisorSpec

Kind = Literal["added", "removed", "restart", "live", "reordered"]

RELOAD: dict[str, dict[str, str]] = {
    "node": {
        "id": "identity",  # another id is another node: the old one is removed, the new one added
        "enabled": "live",
        "autostart": "live",
        "restart": "live",
        "required": "live",
        "critical": "live",
        "shutdown": "live",
        "backoff": "live",
    },
    "actor": {
        "class": "restart",
        "args": "restart",  # live where the class has a `reconfigure`
        "tells": "restart",
        "start": "live",
        "hang": "live",
        "heartbeat": "live",
        "mailbox": "restart",
        "isolation": "restart",
        "process": "restart",
        "listen": "restart",
    },
    "supervisor": {
        "strategy": "live",
        "intensity": "live",
        "period": "live",
        "on_exhausted": "live",
        "children": "live",
    },
    "settings": {
        "shutdown_deadline": "live",
        "drain_deadline": "live",
        "hang_poll": "live",
        "zombie_threads_max": "live",
        "allow_modules": "process",
        "dead_letters": "live",
        "crash_reports": "live",
        "reload": "live",
        "watchdog": "live",
        "health": "process",
    },
    "file": {"version": "process", "settings": "live", "defaults": "live", "modes": "live"},
}
"""What a change of each key does: *live* it is heeded from now on, *restart* the actor is started anew, *process* it is
refused, since only a new process can heed it."""


class Change(NamedTuple):
    """``keys``: those that differ, of a node that is in both trees."""

    kind: Kind
    path: str
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.path}" + (f" ({', '.join(self.keys)})" if self.keys else "")


def plan(old: SupervisorSpec, new: SupervisorSpec) -> list[Change]:
    """The changes that make the one tree the other, in the order of the new one; what is removed comes last."""
    return [*_node(old, new), *_removed(old, new)]


def _node(old: NodeSpec, new: NodeSpec) -> Iterator[Change]:
    if isinstance(old, ActorSpec) and isinstance(new, ActorSpec):
        yield from _actor(old, new)
    elif isinstance(old, SupervisorSpec) and isinstance(new, SupervisorSpec):
        keys = _differing(old, new)
        if keys:
            yield Change("live", new.path, keys)
        yield from _children(old, new)
    else:
        yield Change("added", new.path)


def _actor(old: ActorSpec, new: ActorSpec) -> Iterator[Change]:
    keys = _differing(old, new)
    restarts = [key for key in keys if RELOAD["actor"].get(key) == "restart"]
    if restarts == ["args"] and hasattr(new.actor, "reconfigure"):
        restarts = []
    if keys:
        yield Change("restart" if restarts else "live", new.path, keys)


def _children(old: SupervisorSpec, new: SupervisorSpec) -> Iterator[Change]:
    before = {child.path: child for child in old.children}
    after = [child.path for child in new.children]
    if [path for path in before if path in after] != [path for path in after if path in before]:
        yield Change("reordered", new.path)
    for child in new.children:
        held = before.get(child.path)
        yield from _node(held, child) if held is not None else iter([Change("added", child.path)])


def _removed(old: SupervisorSpec, new: SupervisorSpec) -> Iterator[Change]:
    after = {child.path: child for child in new.children}
    for child in old.children:
        held = after.get(child.path)
        if held is None or isinstance(held, ActorSpec) != isinstance(child, ActorSpec):
            yield Change("removed", child.path)
        elif isinstance(held, SupervisorSpec) and isinstance(child, SupervisorSpec):
            yield from _removed(child, held)


def _differing(old: NodeSpec, new: NodeSpec) -> tuple[str, ...]:
    """The names of keys, as they are written, that differ; what stands below is looked at by itself."""
    fields = type(new.keys).model_fields
    differ = [
        fields[name].alias or name
        for name in fields
        if name not in {"id", "children", "args"} and getattr(old.keys, name) != getattr(new.keys, name)
    ]
    if isinstance(old, ActorSpec) and isinstance(new, ActorSpec) and isinstance(new.keys, ActorKeys):
        differ += ["args"] if old.options != new.options else []
        moved = [target.path for target in old.targets] != [target.path for target in new.targets]
        differ += ["tells"] if moved and "tells" not in differ else []
    return tuple(differ)
