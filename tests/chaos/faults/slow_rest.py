"""REST answers take long, some longer than anybody waits."""

from collections.abc import Mapping
from math import sin
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting


class SlowRest(Fault):
    """Up to ``most`` seconds."""

    name = "slow_rest"
    lasts = (10.0, 120.0)

    def __init__(self, luck: Random, most: float) -> None:
        super().__init__(luck)
        self._most = most

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"most": luck.choice([1.0, 5.0, 14.0])}

    def lag(self) -> float:
        """A function of the moment: whoever asks at the same one is told the same."""
        return self._most * (1 + sin(self.world.loop.time())) / 2
