"""Frames arrive twice."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.weather import Arrival


class DuplicatedFrames(Fault):
    """``share`` of them, the second time up to ``later`` seconds later."""

    name = "duplicated_frames"

    def __init__(self, luck: Random, share: float, later: float) -> None:
        super().__init__(luck)
        self._share, self._later = share, later

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"share": luck.choice([0.02, 0.3, 1.0]), "later": luck.choice([0.0, 1.0, 20.0])}

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        if self.luck.random() >= self._share:
            return (Arrival(0.0, text),)
        return Arrival(0.0, text), Arrival(self.luck.uniform(0, self._later), text)
