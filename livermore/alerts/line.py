"""Lines that a number may cross, and from which it has to come back before it can cross them again."""

from collections.abc import Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """``at``: where it lies; ``up``: whether it is crossed upwards; ``back``: how far behind it a number must be again
    (hysteresis), in the number's own unit.
    """

    label: str
    at: float
    up: bool
    back: float = 0.0

    def crossed(self, before: float, now: float) -> bool:
        """Whether a step leads from the line, or from before it, to beyond it."""
        return before <= self.at < now if self.up else before >= self.at > now

    def behind(self, now: float) -> bool:
        """Whether a number is so far behind that the line can be crossed again."""
        return now <= self.at - self.back if self.up else now >= self.at + self.back


def cross(
    lines: Sequence[Line], before: float, now: float, spent: tuple[str, ...]
) -> tuple[list[Line], tuple[str, ...]]:
    """The lines that a step crosses, and the labels of those that are spent after it.

    ``spent``: labels of lines that were crossed before, perhaps of others than these, too.
    """
    crossed = [line for line in lines if line.label not in spent and line.crossed(before, now)]
    free = {line.label for line in lines if line.behind(now)}
    newly = [line.label for line in crossed if line.back]
    return crossed, (*(label for label in spent if label not in free), *newly)
