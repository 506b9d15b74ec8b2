"""An actor in the running tree: a row of incarnations, one at a time."""

from livermore.supervision.events import Arguments, Ending
from livermore.supervision.node import Node, Parent, State
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import ActorSpec


class ActorNode(Node):
    """``generation`` numbers the incarnations from 1; what an older one reports is not heard."""

    spec: ActorSpec

    def __init__(self, spec: ActorSpec, parent: Parent, runtime: Runtime) -> None:
        super().__init__(spec, parent, runtime)
        self.generation = 0

    def start(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.generation += 1
        self.become(State.STARTING)
        limit = self.spec.keys.start.timeout
        late = Ending("start_timeout", TimeoutError(f"not ready within {limit:g} s"))
        self.after(limit, lambda: self._give_up(late))
        self.runtime.shell.spawn(self.spec, self.generation, arguments)

    def stop(self) -> None:
        if not self.alive:
            self.become(State.IDLE)
        elif self.state != State.STOPPING:
            self.become(State.STOPPING)
            limit = self.spec.keys.shutdown
            late = Ending("abandoned", TimeoutError(f"did not stop within {limit:g} s"))
            self.after(limit, lambda: self._give_up(late))
            self.runtime.shell.stop(self.path)

    def ready(self, generation: int) -> None:
        """The incarnation has warmed up."""
        if generation == self.generation and self.state == State.STARTING:
            self.came_up()

    def down(self, generation: int, ending: Ending) -> None:
        """The incarnation is gone."""
        if generation == self.generation and self.alive:
            self._end(ending)

    def _give_up(self, ending: Ending) -> None:
        self.runtime.shell.abandon(self.path)
        self._end(ending)

    def _end(self, ending: Ending) -> None:
        if self.state == State.STOPPING:
            ending = Ending("stopped", ending.error)
        if ending.error is not None:
            self.runtime.shell.failed(self.path, self.generation, ending)
        self.ended(State.IDLE, ending)
