"""What a strategy says of siblings: who goes down with one that fails, and who may come up again."""

from collections.abc import Iterator, Sequence

from livermore.supervision.node import Node
from livermore.supervision.state import State

ASIDE = frozenset({State.PARKED, State.DISABLED})
"""States in which a child stays, whatever happens to its siblings."""
UNSETTLED = frozenset({State.BACKOFF, State.WAITING, State.STARTING, State.STOPPING})
"""States of a child for whose next one those that went down with it wait."""


def dependents(strategy: str, children: Sequence[Node], failed: Node) -> list[Node]:
    """The siblings that go down with one that fails, in start order."""
    if strategy == "one_for_one":
        return []
    first = 0 if strategy == "one_for_all" else children.index(failed) + 1
    return [child for child in children[first:] if child is not failed and child.state not in ASIDE]


def comes_back(child: Node) -> bool:
    """Whether it comes up again with the one that it went down with."""
    return child.spec.keys.autostart and child.spec.keys.restart != "temporary"


def freed(strategy: str, children: Sequence[Node]) -> Iterator[Node]:
    """Those that wait no more: whom they went down with is up again, or gone, or no concern of theirs any more."""
    held = strategy == "one_for_all" and any(child.state in UNSETTLED for child in children)
    for child in children:
        held = held or (strategy == "rest_for_one" and child.state in UNSETTLED)
        if child.waits and child.state == State.IDLE and not held:
            yield child
