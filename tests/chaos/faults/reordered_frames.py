"""Frames overtake each other."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.weather import Arrival


class ReorderedFrames(Fault):
    """``share`` of them are held back for up to ``most`` seconds."""

    name = "reordered_frames"
    apart = frozenset({"late_frames"})

    def __init__(self, luck: Random, share: float, most: float) -> None:
        super().__init__(luck)
        self._share, self._most = share, most

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"share": luck.choice([0.01, 0.1, 0.5]), "most": luck.choice([0.5, 2.0, 8.0])}

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        held = self.luck.random() < self._share
        return (Arrival(self.luck.uniform(0, self._most) if held else 0.0, text),)
