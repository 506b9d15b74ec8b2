"""The running tree: every node by its path, one event at a time, all in one thread."""

from collections.abc import Callable, Iterator

from livermore.supervision.actor_node import ActorNode
from livermore.supervision.drain import Drain
from livermore.supervision.events import Down, Ending, Event, Ready, Reason, Request, Shutdown
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.node import Node, Parent
from livermore.supervision.operations import Operations
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import ActorSpec, NodeSpec, SupervisorSpec
from livermore.supervision.state import State
from livermore.supervision.supervisor_node import SupervisorNode, walk

EXIT_CODES: dict[str, int] = {
    Reason.STOPPED: 0,
    Reason.START_FAILED: 69,
    Reason.PERMANENT: 69,
    Reason.EXHAUSTED: 70,
    Reason.ZOMBIES: 71,
    Reason.NO_THREAD: 71,
    Reason.BUG: 1,
}
MOST_THREADLESS = 2
"""Incarnations in a row for which no thread could be started: then no other will find one."""
OVERSLEPT = 5
"""A poll that comes so many times later than it should says that the machine slept, and nothing of the actors."""


class Tree:
    """``on_end`` is called once, with the root's ending, when nothing runs any more."""

    def __init__(
        self,
        spec: SupervisorSpec,
        runtime: Runtime,
        on_end: Callable[[Ending], None],
        settings: SettingKeys | None = None,
    ) -> None:
        self.runtime, self.on_end, self.settings = runtime, on_end, settings or SettingKeys()
        self.applied = spec
        """The specification that the tree goes by; what was added while it runs is not part of it."""
        self.nodes: dict[str, Node] = {}
        root = self.make(spec, self)
        assert isinstance(root, SupervisorNode)
        self.root = root
        self.operations = Operations(self)
        self.booted = False
        self._threadless = 0
        self._verdict: Ending | None = None  # of the tree, where it is another than the root's
        self._drain: Drain | None = None
        self._polled = runtime.now

    # -- nodes

    def make(self, spec: NodeSpec, parent: Parent) -> Node:
        """A node, and all below it, known by their paths."""
        node: Node = (
            ActorNode(spec, parent, self.runtime)
            if isinstance(spec, ActorSpec)
            else SupervisorNode(spec, parent, self.runtime, self)
        )
        self.nodes[spec.path] = node
        return node

    def forget(self, node: Node) -> None:
        """A node, and all below it, are gone."""
        for child in node.children if isinstance(node, SupervisorNode) else ():
            self.forget(child)
        if self.nodes.get(node.path) is node:
            del self.nodes[node.path]
            self.runtime.shell.forget(node.path)

    def actors(self) -> Iterator[ActorNode]:
        """All actors, in start order."""
        return (node for node in walk(self.root) if isinstance(node, ActorNode))

    # -- life

    def boot(self) -> None:
        """Begin to start the root, and to look after what runs."""
        self._poll_later()
        self.root.start({})

    def handle(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Shutdown):
            self._shut_down(event.within)
        elif isinstance(event, Request):
            self.operations.take(event)
        else:
            self._reported(event)
        self.operations.go_on()

    def tick(self) -> None:
        """Run the timers that are due."""
        self.runtime.timers.run(self.runtime.now)
        self.operations.go_on()

    def _reported(self, event: Ready | Down) -> None:
        node = self.nodes.get(event.path)
        if not isinstance(node, ActorNode):
            return
        if isinstance(event, Ready):
            self._threadless = 0
            node.ready(event.generation)
        elif event.generation == node.generation:
            self._threadless += event.ending.reason == Reason.NO_THREAD
            node.down(event.generation, event.ending)
            if self._threadless >= MOST_THREADLESS:
                self._fail(Ending(Reason.NO_THREAD, event.ending.error))

    def _fail(self, ending: Ending) -> None:
        """This process is no place for a tree any more: stop what can be stopped, and end like this."""
        if self._verdict is None:
            self._verdict = ending
            self.root.close(ending)

    # -- looking after

    def _poll_later(self) -> None:
        self.runtime.timers.at(self.runtime.now + self.settings.hang_poll, self._poll)

    def _poll(self) -> None:
        now, every = self.runtime.now, self.settings.hang_poll
        overslept = now - self._polled > OVERSLEPT * every
        self._polled = now
        if not overslept:
            for node in list(self.actors()):
                node.examine()
            self._count_zombies()
        self._poll_later()

    def _count_zombies(self) -> None:
        count = sum(map(self.runtime.shell.zombies, self.runtime.generations))  # also of those that are gone
        if count > self.settings.zombie_threads_max:
            self._fail(Ending(Reason.ZOMBIES, RuntimeError(f"{count} threads hang, and cannot be ended")))

    # -- the end

    def _shut_down(self, within: float) -> None:
        closing = self.runtime.is_closing
        self.runtime.close(within)
        self.operations.close()
        if closing:
            self._hurry()
        elif self.root.alive:
            self._drain = Drain(self.root, list(self.actors()), self.runtime, self.settings.drain_deadline)
            self._drain.begin()
        else:
            self._end(self.root.ending or Ending(Reason.STOPPED))

    def _hurry(self) -> None:
        """It was stopping already: it may have less time now."""
        if self.root.state == State.STOPPING:
            self.root.stop()

    def _end(self, ending: Ending) -> None:
        self.on_end(self._verdict or ending)

    # -- the root's parent

    def child_ready(self, child: Node) -> None:  # noqa: ARG002 - the root is the only child
        self.booted = True

    def child_ended(self, child: Node, ending: Ending, *, asked: bool) -> None:  # noqa: ARG002
        self._end(ending)

    def child_closes(self) -> None:
        self.runtime.close(self.settings.shutdown_deadline)

    def child_rested(self, child: Node) -> None:
        raise AssertionError(f"{child.path} has no supervisor to restart it")
