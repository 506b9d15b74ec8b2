"""The drain: before a tree stops its sources take in nothing new, and what they had sent is worked off."""

from collections.abc import Sequence

from livermore.supervision.actor_node import ActorNode
from livermore.supervision.runtime import Runtime
from livermore.supervision.state import State
from livermore.supervision.supervisor_node import SupervisorNode

LOOK_EVERY = 0.02


class Drain:
    """``actors`` in start order: whoever hears stands before whoever tells."""

    def __init__(self, root: SupervisorNode, actors: Sequence[ActorNode], runtime: Runtime, limit: float) -> None:
        self._root, self._actors, self._runtime = root, actors, runtime
        self._until = runtime.now + runtime.within(limit)

    def begin(self) -> None:
        """Ask every source to be quiet, and stop the tree once all is done or the time is over."""
        self._root.drain()
        self._look()

    def _look(self) -> None:
        if self._runtime.now >= self._until or self._is_done():
            self._root.stop()
        else:
            self._runtime.timers.at(min(self._until, self._runtime.now + LOOK_EVERY), self._look)

    def _is_done(self) -> bool:
        """Looked at from those who tell to those who hear: what the former have sent by then the latter still show."""
        draining = (actor for actor in reversed(self._actors) if actor.state == State.DRAINING)
        return all(self._runtime.shell.vitals(actor.path).drained for actor in draining)
