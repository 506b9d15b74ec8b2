"""A reload under way: what is live is swapped, then what has to is stopped, in reverse order, and started, in order."""

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from livermore.supervision.actor_node import ActorNode
from livermore.supervision.events import Answer, Refused, Reload, Reloaded, Request, nobody
from livermore.supervision.node import Node
from livermore.supervision.plan import plan
from livermore.supervision.spec import ActorSpec, NodeSpec, SupervisorSpec
from livermore.supervision.state import State
from livermore.supervision.supervisor_node import SupervisorNode, walk

if TYPE_CHECKING:
    from livermore.supervision.tree import Tree

WOKEN = frozenset({State.BACKOFF, State.WAITING, State.PARKED})
"""At rest for a reason that a change may have taken away: what is changed then is started at once."""


class Reloading:
    """Events go on to be handled between the steps. A node that crashes meanwhile is restarted as the new tree says."""

    def __init__(self, tree: "Tree", request: Request) -> None:
        assert isinstance(request.operation, Reload)
        self._tree, self._request = tree, request
        self._before, self._rollback = tree.applied, request.operation.rollback
        self._failed: Refused | None = None
        self._over = False
        self._wanted: set[str] = set()
        self._begin(request.operation.spec)

    def _begin(self, spec: SupervisorSpec) -> None:
        self.changes = plan(self._tree.applied, spec)
        self._tree.applied = spec
        self._swap(spec)
        paths = {kind: {c.path for c in self.changes if c.kind == kind} for kind in ("removed", "restart", "live")}
        nodes, changed = list(walk(self._tree.root)), paths["restart"] | paths["live"]
        self._removed = paths["removed"]
        owed = self._wanted  # by a first attempt, which has failed
        runs = {node.path for node in nodes if node.alive or (node.path in owed and node.state == State.IDLE)}
        self._renewed = paths["restart"] & runs
        woken = {node.path for node in nodes if node.state in WOKEN or node.path in owed & runs}
        self._wanted = self._renewed | (changed & woken)
        self._stopping: Node | None = None
        stopped = paths["restart"] | self._removed
        self._to_stop = [node for node in nodes if node.path in stopped or _is_switched_off(node)]
        self._to_start = deque[str]()
        self._begun: Node | None = None
        self._arranged = False

    # -- steps

    def go_on(self) -> bool:
        """Take steps until one has to be waited for; True once it is over."""
        while not self._over:
            if not self._step():
                return False
        return True

    def _step(self) -> bool:
        """Take the next step, unless the one before it has to be waited for."""
        if self._to_stop:
            return self._stop_last()
        if not self._arranged:
            return self._arrange()
        if self._to_start:
            return self._start_first()
        if self._failed is not None and self._rollback:
            return self._take_back()
        return self._finish()

    def refuse(self, reason: str) -> None:
        """It is not gone on with."""
        if self._begun is not None:
            self._begun.reply, self._begun.asked_for = nobody, False
        self._request.reply(Refused(self._tree.root.path, reason))

    def _stop_last(self) -> bool:
        last = self._to_stop[-1]
        if last is not self._stopping:
            self._stop(last)
        if last.alive and _generation(last) == self._generation:
            return False  # else a newer one has been started meanwhile by its supervisor, as the new tree says
        if isinstance(last.parent, SupervisorNode):
            last.parent.kept.discard(last)
        self._to_stop.pop()
        return True

    def _stop(self, node: Node) -> None:
        """Begin to stop a node; its supervisor is not to forget one that comes back, nor to start one that does not."""
        self._stopping, self._generation = node, _generation(node)
        assert isinstance(node.parent, SupervisorNode)
        if node.path in self._renewed:
            node.parent.kept.add(node)
        elif node.path in self._removed or _is_switched_off(node):
            node.parent.leave_out(node)
        if node.state not in {State.STOPPING, State.DISABLED}:
            node.stop()

    def _swap(self, spec: SupervisorSpec) -> None:
        """Have every node that stays go by its new specification from now on."""
        specs = {one.path: one for one in _specs(spec)}
        for node in walk(self._tree.root):
            held = specs.get(node.path)
            if held is not None and isinstance(held, SupervisorSpec) == isinstance(node, SupervisorNode):
                _apply(node, held)

    def _arrange(self) -> bool:
        """Forget what is gone, have what is new, and stand in the new order; then it is known what is to be started."""
        self._arranged = True
        for path in self._removed:
            node = self._tree.nodes.get(path)
            if node is not None and isinstance(node.parent, SupervisorNode):
                node.parent.remove(node)
        for node in list(walk(self._tree.root)):
            if isinstance(node, SupervisorNode) and not node.dynamic:
                self._have_children(node)
        for node in walk(self._tree.root):
            if _switch(node) or node.path in self._wanted:
                self._to_start.append(node.path)
        return True

    def _have_children(self, parent: SupervisorNode) -> None:
        added = {change.path for change in self.changes if change.kind == "added"}
        for spec in parent.spec.children:
            if spec.path in added and spec.path not in self._tree.nodes:
                child = parent.insert(spec)
                if spec.keys.autostart and parent.alive:
                    self._wanted.add(child.path)
        parent.reorder(parent.spec.children)

    def _start_first(self) -> bool:
        node = self._tree.nodes.get(self._to_start[0])
        parent = node.parent if node is not None else None
        if node is None or not isinstance(parent, SupervisorNode) or parent.state not in {State.UP, State.STARTING}:
            return self._next()  # it will be started with its supervisor
        if node.waits:
            return self._next()  # and it, once the one that it waits for is up
        if self._begun is None and (node.state == State.IDLE or node.state in WOKEN):
            self._begun = node
            node.fresh()
            if self._rollback:
                node.asked(self._answered)
            if node.path in self._renewed:
                node.restarts["reload"] += 1
            node.start(parent.arguments_of(node))
        if node.alive and node.state != State.UP:
            return False
        return self._next()

    def _next(self) -> bool:
        self._to_start.popleft()
        if self._begun is not None:
            self._begun.reply, self._begun.asked_for = nobody, False
            self._begun = None
        return True

    # -- what came of it

    def _answered(self, answer: Answer) -> None:
        if isinstance(answer, Refused):
            self._failed = answer
            self._to_start.clear()
            self._begun = None

    def _take_back(self) -> bool:
        failed = self._failed
        assert failed is not None
        self._rollback = False
        self._failed = Refused(failed.path, f"rolled back, since it did not start: {failed.reason}")
        self._begin(self._before)
        return True

    def _finish(self) -> bool:
        self._over = True
        for node in list(walk(self._tree.root)):
            if isinstance(node, SupervisorNode) and node.state == State.UP:
                node.work()  # whom some waited for may be gone
        self._request.reply(self._failed or Reloaded(tuple(self.changes)))
        return True


def _generation(node: Node) -> int:
    return node.generation if isinstance(node, ActorNode) else 0


def _is_switched_off(node: Node) -> bool:
    return not node.spec.keys.enabled and node.state != State.DISABLED


def _switch(node: Node) -> bool:
    """Heed the key ``enabled``; gives whether the node is to be started for it."""
    keys = node.spec.keys
    if not keys.enabled and node.state == State.IDLE:
        node.become(State.DISABLED)
    elif keys.enabled and node.state == State.DISABLED:
        node.become(State.IDLE)
        return keys.autostart
    return False


def _apply(node: Node, spec: NodeSpec) -> None:
    before, node.spec = node.spec, spec
    if isinstance(node, SupervisorNode) and isinstance(spec, SupervisorSpec):
        node.intensity.limit, node.intensity.period = spec.keys.intensity, spec.keys.period
    elif isinstance(node, ActorNode) and isinstance(before, ActorSpec):
        node.respecified(before)


def _specs(spec: NodeSpec) -> Iterable[NodeSpec]:
    yield spec
    for child in spec.children if isinstance(spec, SupervisorSpec) else ():
        yield from _specs(child)
