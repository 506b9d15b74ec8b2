"""Watchers: who wants to hear of whose end."""

from collections import defaultdict
from collections.abc import Callable

from livermore.supervision.events import Down, Ending, Reason

Watcher = tuple[str, int]
"""An incarnation: path and generation. Its watches end with it."""


class Watchers:
    """Each end of an incarnation is told once to every watcher. ``tell``: by a watcher's control lane."""

    def __init__(self, tell: Callable[[str, Down], None]) -> None:
        self._tell = tell
        self._by_path: defaultdict[str, set[Watcher]] = defaultdict(set)

    def watch(self, watcher: Watcher, path: str, generation: int, *, alive: bool) -> None:
        """Tell ``watcher`` of every end at ``path``, and at once where nobody lives there."""
        self._by_path[path].add(watcher)
        if not alive:
            self._tell(watcher[0], Down(path, generation, Ending(Reason.NOPROC)))

    def unwatch(self, watcher: Watcher, path: str) -> None:
        """No longer."""
        self._by_path[path].discard(watcher)

    def died(self, down: Down) -> None:
        """Tell everybody who watches, and forget what the dead one had watched."""
        for watchers in self._by_path.values():
            watchers.discard((down.path, down.generation))
        for watcher, _ in sorted(self._by_path.get(down.path, ())):
            self._tell(watcher, down)
