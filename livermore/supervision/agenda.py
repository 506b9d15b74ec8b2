"""What a supervisor still has to do: children to stop, the last of them first, and then children to start, in order."""

from collections import deque
from collections.abc import Collection

from livermore.supervision.node import Node


class Agenda:
    """``children``: the supervisor's own list, whose order is that of starting."""

    def __init__(self, children: list[Node]) -> None:
        self._children = children
        self.to_stop: list[Node] = []
        self.to_start: deque[Node] = deque()

    def stop(self, those: Collection[Node]) -> None:
        """Have these stopped too."""
        wanted = {*those, *self.to_stop}
        self.to_stop = [child for child in self._children if child in wanted]

    def start(self, those: Collection[Node]) -> None:
        """Have these started too, each in its place."""
        wanted = {*those, *self.to_start}
        self.to_start = deque(child for child in self._children if child in wanted)

    def stop_only(self, those: Collection[Node]) -> None:
        """Have these stopped, and not started any more."""
        self.stop(those)
        self.leave_out(those)

    def leave_out(self, those: Collection[Node]) -> None:
        """Do not start these any more."""
        self.to_start = deque(child for child in self.to_start if child not in those)

    def stopped(self, child: Node) -> None:
        """It is down: that is done."""
        if child in self.to_stop:
            self.to_stop.remove(child)

    def started(self, child: Node) -> None:
        """The first of those to be started has been, or starts by itself."""
        if self.to_start and self.to_start[0] is child:
            self.to_start.popleft()

    def drop(self, child: Node) -> None:
        """It is gone."""
        self.stopped(child)
        self.leave_out((child,))
