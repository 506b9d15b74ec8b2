"""Frames are lost on the way: the sequence has gaps."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.weather import Arrival


class MissingFrames(Fault):
    """``share`` of them."""

    name = "missing_frames"

    def __init__(self, luck: Random, share: float) -> None:
        super().__init__(luck)
        self._share = share

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"share": luck.choice([0.005, 0.05, 0.5, 0.95])}

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        return () if self.luck.random() < self._share else (Arrival(0.0, text),)
