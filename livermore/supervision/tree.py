"""The running tree: every node by its path, one event at a time, all in one thread."""

from collections.abc import Callable

from livermore.supervision.actor_node import ActorNode
from livermore.supervision.events import Answer, Down, Ending, Event, Ready, Refused, Shutdown, Start, Stop, Stopped
from livermore.supervision.node import Node, Parent, State
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import ActorSpec, NodeSpec, SupervisorSpec
from livermore.supervision.supervisor_node import SupervisorNode

EXIT_CODES = {"stopped": 0, "start_failed": 69, "permanent": 69, "exhausted": 70}


class Tree:
    """``on_end`` is called once, with the root's ending, when nothing runs any more."""

    def __init__(self, spec: SupervisorSpec, runtime: Runtime, on_end: Callable[[Ending], None]) -> None:
        self.runtime, self.on_end = runtime, on_end
        self.nodes: dict[str, Node] = {}
        self.root = self._make(spec, self, runtime)
        self.booted = False

    def _make(self, spec: NodeSpec, parent: Parent, runtime: Runtime) -> Node:
        node: Node = (
            ActorNode(spec, parent, runtime)
            if isinstance(spec, ActorSpec)
            else SupervisorNode(spec, parent, runtime, self._make)
        )
        self.nodes[spec.path] = node
        return node

    def boot(self) -> None:
        """Begin to start the root."""
        self.root.start({})

    def handle(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Shutdown):
            self._shut_down()
            return
        node = self.nodes.get(event.path)
        if isinstance(event, Start):
            self._start(node, event)
        elif isinstance(event, Stop):
            self._stop(node, event)
        elif isinstance(node, ActorNode):
            self._incarnation(node, event)

    def tick(self) -> None:
        """Run the timers that are due."""
        self.runtime.timers.run(self.runtime.now)

    @staticmethod
    def _incarnation(node: ActorNode, event: Ready | Down) -> None:
        if isinstance(event, Ready):
            node.ready(event.generation)
        else:
            node.down(event.generation, event.ending)

    def _shut_down(self) -> None:
        if self.root.alive:
            self.root.stop()
        else:
            self.on_end(self.root.ending or Ending("stopped"))

    # -- operations that actors ask for

    def _start(self, node: Node | None, event: Start) -> None:
        reason = self._why_not_start(node)
        if node is None or reason is not None:
            self._answer(event.sender, Refused(event.path, reason or "there is no such node"))
            return
        parent = node.parent
        assert isinstance(parent, SupervisorNode)
        node.requester, node.given = event.sender, event.arguments
        node.start(parent.arguments_of(node))

    @staticmethod
    def _why_not_start(node: Node | None) -> str | None:
        if node is None:
            return "there is no such node"
        if node.state not in {State.IDLE, State.PARKED}:
            return f"it is {node.state}"
        parent = node.parent
        if not isinstance(parent, SupervisorNode) or parent.state != State.UP:
            return "its supervisor is not up"
        return None

    def _stop(self, node: Node | None, event: Stop) -> None:
        if node is None:
            self._answer(event.sender, Refused(event.path, "there is no such node"))
        elif node.alive:
            node.requester = event.sender
            node.stop()
        else:
            node.stop()
            self._answer(event.sender, Stopped(event.path))

    def _answer(self, sender: str | None, answer: Answer) -> None:
        if sender is not None:
            self.runtime.shell.answer(sender, answer)

    # -- the root's parent

    def child_ready(self, child: Node) -> None:  # noqa: ARG002 - the root is the only child
        self.booted = True

    def child_ended(self, child: Node, ending: Ending) -> None:  # noqa: ARG002
        self.on_end(ending)

    def child_rested(self, child: Node) -> None:
        raise AssertionError(f"{child.path} has no supervisor to restart it")
