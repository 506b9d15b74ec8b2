"""An actor in the running tree: a row of incarnations, one at a time."""

from livermore.supervision.events import Arguments, Down, Ending, Reason
from livermore.supervision.node import Node, Parent
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import ActorSpec
from livermore.supervision.state import State
from livermore.supervision.vitals import Concern, Vitals, concern


class ActorNode(Node):
    """``generation`` numbers the incarnations from 1; what an older one reports is not heard."""

    spec: ActorSpec

    def __init__(self, spec: ActorSpec, parent: Parent, runtime: Runtime) -> None:
        super().__init__(spec, parent, runtime)
        self._concern = Concern.NONE

    @property
    def generation(self) -> int:
        return self.runtime.generations[self.path]

    def start(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.runtime.generations[self.path] += 1
        self._concern = Concern.NONE
        self.become(State.STARTING)
        self._limit(self.spec.keys.start.timeout, Reason.START_TIMEOUT, "was not ready")
        self.runtime.shell.spawn(self.spec, self.generation, arguments)

    def stop(self) -> None:
        if not self.alive:
            self.become(State.IDLE)
            self.runtime.shell.discard(self.path, Reason.STOPPED)
        elif self.state != State.STOPPING:
            self.become(State.STOPPING)
            if self.spec.keys.shutdown == 0:
                self._give_up(Ending(Reason.STOPPED))  # brutal: it is not even asked
            else:
                self._limit(self.runtime.within(self.spec.keys.shutdown), Reason.ABANDONED, "did not stop")
                self.runtime.shell.stop(self.path)

    def drain(self) -> None:
        if self.state == State.UP:
            self.become(State.DRAINING)
            self.runtime.shell.quiesce(self.path)

    def abandon(self) -> None:
        if self.alive:
            self._give_up(Ending(Reason.ABANDONED, TimeoutError("its supervisor had no time left for it")))

    def respecified(self, before: ActorSpec) -> None:
        """It goes by another specification now: one that can heed other options as it runs is told them."""
        if self.alive and before.options != self.spec.options and hasattr(self.spec.actor, "reconfigure"):
            self.runtime.shell.reconfigure(self.path, self.spec.options)

    # -- what its incarnations report

    def ready(self, generation: int) -> None:
        """The incarnation has warmed up."""
        if generation == self.generation and self.state == State.STARTING:
            self.came_up()

    def down(self, generation: int, ending: Ending) -> None:
        """The incarnation is gone."""
        if generation == self.generation and self.alive:
            self._end(ending)

    # -- what can be seen of them

    def examine(self) -> None:
        """Look whether it still moves."""
        if not self.alive:
            return
        vitals = self.runtime.shell.vitals(self.path)
        if not vitals.alive:
            self._give_up(Ending(Reason.LOST, RuntimeError("its thread is gone, and nobody has said so")))
        elif self.state in {State.UP, State.DRAINING}:  # starting and stopping have limits of their own
            self._judge(vitals)

    def _judge(self, vitals: Vitals) -> None:
        keys, before = self.spec.keys, self._concern
        self._concern, reason = concern(keys, vitals, before)
        if self._concern > before == Concern.NONE:
            self.runtime.shell.warned(self.path, vitals)
        if self._concern == Concern.INTERRUPT:
            self.runtime.shell.interrupt(self.path)
        elif self._concern == Concern.GIVE_UP and (reason is Reason.HEARTBEAT or keys.hang.action != "report"):
            silent = reason is Reason.HEARTBEAT
            what = "its loop has stood still" if silent else "it has been at one message"
            error = TimeoutError(f"{what} for {vitals.silent if silent else vitals.busy:.1f} s")
            self._give_up(Ending(reason, error))

    # -- endings

    def _limit(self, seconds: float, reason: Reason, what: str) -> None:
        late = Ending(reason, TimeoutError(f"{what} within {seconds:g} s"))
        if seconds < float("inf"):
            self.after(seconds, lambda: self._give_up(late))

    def _give_up(self, ending: Ending) -> None:
        self._end(self.runtime.shell.abandon(self.path, ending))

    def _end(self, ending: Ending) -> None:
        if ending.error is not None:
            self.runtime.shell.failed(self.path, self.generation, ending)
        self.runtime.watchers.died(Down(self.path, self.generation, ending))
        self.ended(ending, asked=self.state == State.STOPPING)
