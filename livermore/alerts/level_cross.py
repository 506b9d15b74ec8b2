"""Level crossings: the value leaves the band between -L and L (`reference.md` 8.2)."""

from typing import Annotated

from pydantic import Field

from livermore.alerts.rule import Memory, Reading, Trigger
from livermore.settings import Options as BaseOptions


class Options(BaseOptions):
    """``levels`` are above zero; each stands for itself and its negative."""

    levels: tuple[Annotated[int, Field(gt=0, le=10_000)], ...] = (150, 200, 250, 300, 350, 400)


class LevelCross:
    """Of several levels crossed in one step only the outermost fires. A firing lets the next reversal fire again."""

    name = "level_cross"

    def __init__(self, options: Options) -> None:
        self.levels = sorted(options.levels, reverse=True)

    def judge(self, memory: Memory, now: Reading) -> tuple[Memory, Trigger | None]:
        assert memory.value is not None
        level = self._crossed(memory.value, now.value)
        label = f"level_{level}"
        if level is None or not memory.cool(label, now.close_time):
            return memory, None
        details = {"level": level, "direction": "up" if level > 0 else "down"}
        return memory.after(label, now.close_time, reversed_=False), Trigger(self.name, label, details)

    def _crossed(self, before: float, now: float) -> int | None:
        up = (level for level in self.levels if before <= level < now)
        down = (-level for level in self.levels if before >= -level > now)
        return next(up, None) or next(down, None)
