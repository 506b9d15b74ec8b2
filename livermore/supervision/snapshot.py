"""The tree as plain data, for people, Prometheus and the front."""

from typing import Any

from livermore.supervision.actor_node import ActorNode
from livermore.supervision.incarnations import Incarnations
from livermore.supervision.node import Node
from livermore.supervision.supervisor_node import SupervisorNode
from livermore.supervision.tree import Tree


def snapshot(tree: Tree, incarnations: Incarnations) -> dict[str, Any]:
    """The root node; each node has its children under ``children``. Ages and waits are in seconds."""
    return _node(tree.root, incarnations)


def _node(node: Node, incarnations: Incarnations) -> dict[str, Any]:
    now = node.runtime.now
    common: dict[str, Any] = {
        "path": node.path,
        "id": node.spec.keys.id,
        "state": str(node.state),
        "for_seconds": round(now - node.since, 3),
        "started_at": node.started_at,
        "critical": node.spec.keys.critical,
        "restart": node.spec.keys.restart,
        "restarts": dict(node.restarts),
        "last_error": str(node.ending) if node.ending is not None and node.ending.error is not None else None,
        "starts_in_seconds": None if node.wakes_at is None else round(max(0.0, node.wakes_at - now), 3),
    }
    if isinstance(node, SupervisorNode):
        return common | _supervisor(node) | {"children": [_node(child, incarnations) for child in node.children]}
    assert isinstance(node, ActorNode)
    return common | _actor(node, incarnations) | {"children": []}


def _supervisor(node: SupervisorNode) -> dict[str, Any]:
    keys = node.spec.keys
    used = node.intensity.used(node.runtime.now) / max(1, keys.intensity)
    return {
        "kind": "supervisor",
        "strategy": keys.strategy,
        "intensity_used": min(1.0, used),
        "exhausted": dict(node.exhausted),
    }


def _actor(node: ActorNode, incarnations: Incarnations) -> dict[str, Any]:
    mail = incarnations.mail.box(node.path)
    vitals = incarnations.vitals(node.path)
    return {
        "kind": "actor",
        "generation": node.generation,
        "isolation": node.spec.keys.isolation,
        "pid": incarnations.pid(node.path),
        "busy_seconds": round(vitals.busy, 3),
        "mailbox": len(mail) if mail is not None else 0,
        "mailbox_age_seconds": round(mail.oldest_age, 3) if mail is not None else 0.0,
        "mailbox_capacity": node.spec.keys.mailbox.capacity,
        "zombies": incarnations.zombies(node.path),
    }
