"""Level crossings: the value leaves the band between -L and L (`reference.md` 8.2)."""

from typing import Annotated

from pydantic import Field

from livermore.alerts.line import Line, cross
from livermore.alerts.rule import Memory, Reading, RuleOptions, Trigger

Level = Annotated[int, Field(gt=0, le=10_000)]


class Options(RuleOptions):
    """``levels`` are above zero; each stands for itself and its negative.

    ``hysteresis``: how far (points) a value must have come back behind a level before it can cross it again.
    """

    levels: tuple[Level, ...] = (150, 200, 250, 300, 350, 400)
    hysteresis: float = Field(0.0, ge=0, le=10_000)


class LevelCross:
    """Of several levels crossed in one step only the outermost fires. A firing lets the next reversal fire again."""

    name = "level_cross"

    def __init__(self, options: Options) -> None:
        self.options = options
        both = (signed for level in sorted(options.levels, reverse=True) for signed in (level, -level))
        self._lines = [Line(f"level_{level}", level, level > 0, options.hysteresis) for level in both]

    def judge(self, memory: Memory, now: Reading) -> tuple[Memory, Trigger | None]:
        assert memory.value is not None
        crossed, spent = cross(self._lines, memory.value, now.value, memory.spent)
        memory = memory.changed(spent=spent)
        if not crossed or not memory.cool(crossed[0].label, now.close_time, self.options.cooldown):
            return memory, None
        label, level = crossed[0].label, int(crossed[0].at)
        details = {"level": level, "direction": "up" if level > 0 else "down"}
        return memory.after(label, now.close_time, reversed=False), Trigger(self.name, label, details)
