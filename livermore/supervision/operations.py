"""Operations on a running tree: what actors and people ask for, and why it may be refused."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from livermore.supervision.actor_node import ActorNode
from livermore.supervision.events import (
    Add,
    Refused,
    Reload,
    Remove,
    Reply,
    Request,
    Restart,
    Start,
    Stop,
    Stopped,
    Unwatch,
    Watch,
)
from livermore.supervision.node import Node
from livermore.supervision.reloading import Reloading
from livermore.supervision.spec import SupervisorSpec
from livermore.supervision.state import State
from livermore.supervision.supervisor_node import SupervisorNode

if TYPE_CHECKING:
    from livermore.supervision.tree import Tree

RESTABLE = frozenset({State.IDLE, State.PARKED, State.DONE})
"""States of which only somebody's asking leads out."""


class Operations:
    """Each is answered once. Reloads are done one after the other."""

    def __init__(self, tree: "Tree") -> None:
        self._tree = tree
        self._reloads: deque[Request] = deque()
        self.reloading: Reloading | None = None
        self._does: dict[type, Callable[[Any, Request], str | None]] = {
            Start: self._start,
            Stop: self._stop,
            Restart: self._restart,
            Add: self._add,
            Remove: self._remove,
            Watch: self._watch,
            Unwatch: self._unwatch,
            Reload: self._reload,
        }

    def take(self, request: Request) -> None:
        """Do what is asked for, or say why not."""
        operation = request.operation
        if request.sender is not None and self._is_gone(*request.sender):
            return
        reason = "the tree is stopping" if self._tree.runtime.is_closing else None
        if reason is None or isinstance(operation, Watch | Unwatch):
            reason = self._does[type(operation)](operation, request)
        if reason is not None:
            request.reply(Refused(getattr(operation, "path", self._tree.root.path), reason))

    def _is_gone(self, path: str, generation: int) -> bool:
        """Whether an incarnation is over, and nothing that it has asked for is wanted any more."""
        node = self._tree.nodes.get(path)
        return generation != self._tree.runtime.generations[path] or (node is not None and not node.alive)

    def _named(self, name: str, sender: tuple[str, int]) -> str:
        """The path of that name: beside the sender, or above."""
        above = sender[0]
        while "/" in above:
            above = above.rpartition("/")[0]
            if f"{above}/{name}" in self._tree.nodes:
                return f"{above}/{name}"
        return name

    def go_on(self) -> None:
        """Take the next steps of a reload."""
        while True:
            if self.reloading is None and self._reloads:
                self.reloading = Reloading(self._tree, self._reloads.popleft())
            if self.reloading is None or not self.reloading.go_on():
                return
            self.reloading = None

    def close(self) -> None:
        """The tree stops: what waits is refused."""
        if self.reloading is not None:
            self.reloading.refuse("the tree is stopping")
            self.reloading = None
        while self._reloads:
            self._reloads.popleft().reply(Refused(self._tree.root.path, "the tree is stopping"))

    # -- each gives the reason for which it is refused, or None

    def _start(self, wanted: Start, request: Request) -> str | None:
        node = self._tree.nodes.get(wanted.path)
        if node is None:
            return "there is no such node"
        if node.state not in RESTABLE:
            return f"it is {node.state}"
        return self._begin(node, request.reply, wanted)

    def _begin(self, node: Node, reply: Reply, wanted: Start | None = None) -> str | None:
        parent = node.parent
        if not isinstance(parent, SupervisorNode) or parent.state != State.UP:
            return "its supervisor is not up"
        if wanted is not None:
            node.given = wanted.arguments
        node.asked(reply)
        node.fresh()
        node.start(parent.arguments_of(node))
        return None

    def _stop(self, wanted: Stop, request: Request) -> str | None:
        node = self._tree.nodes.get(wanted.path)
        if node is None:
            return "there is no such node"
        if node.state == State.DISABLED:
            return "it is disabled"
        node.waits = False
        if isinstance(node.parent, SupervisorNode):
            node.parent.leave_out(node)
        if node.alive:
            node.asked(request.reply)
            node.stop()
        else:
            node.stop()
            request.reply(Stopped(node.path))
        return None

    def _restart(self, wanted: Restart, request: Request) -> str | None:
        node = self._tree.nodes.get(wanted.path)
        if node is None:
            return "there is no such node"
        if node.state in {State.STARTING, State.STOPPING, State.DRAINING, State.DISABLED}:
            return f"it is {node.state}"
        if not node.alive:
            return self._begin(node, request.reply)
        if not isinstance(node.parent, SupervisorNode):
            return "it is the root"
        node.asked(request.reply)
        node.parent.renew(node, "manual")
        return None

    def _add(self, wanted: Add, request: Request) -> str | None:
        parent = self._tree.nodes.get(wanted.path)
        if not isinstance(parent, SupervisorNode):
            return "there is no such supervisor"
        if wanted.spec.path in self._tree.nodes:
            return f"{wanted.spec.path} is there already"
        if parent.state != State.UP:
            return f"it is {parent.state}"
        return self._begin(parent.insert(wanted.spec, dynamic=True), request.reply)

    def _remove(self, wanted: Remove, request: Request) -> str | None:
        node = self._tree.nodes.get(wanted.path)
        if node is None:
            return "there is no such node"
        if not isinstance(node.parent, SupervisorNode):
            return "it is the root"
        if node.state not in RESTABLE | {State.DISABLED}:
            return f"it is {node.state}: stop it first"
        node.parent.remove(node)
        request.reply(Stopped(node.path))
        return None

    def _watch(self, wanted: Watch, request: Request) -> str | None:
        path = wanted.path if request.sender is None else self._named(wanted.path, request.sender)
        node = self._tree.nodes.get(path)
        if request.sender is None or (node is not None and not isinstance(node, ActorNode)):
            return "only actors watch, and only actors are watched"
        generation = node.generation if node is not None else 0
        alive = node is not None and node.alive
        self._tree.runtime.watchers.watch(request.sender, path, generation, alive=alive)
        return None

    def _unwatch(self, wanted: Unwatch, request: Request) -> str | None:
        if request.sender is not None:
            path = self._named(wanted.path, request.sender)
            self._tree.runtime.watchers.unwatch(request.sender, path)
        return None

    def _reload(self, wanted: Reload, request: Request) -> str | None:
        if not isinstance(wanted.spec, SupervisorSpec) or wanted.spec.path != self._tree.root.path:
            return f"the root stays {self._tree.root.path}: another one needs a new process"
        self._reloads.append(request)
        return None
