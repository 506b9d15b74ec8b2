"""Our clock goes wrong against the exchange's, and comes back: both times it steps."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.world import World


class ClockSkew(Fault):
    """By ``ms``. Not while the exchange wants to be left alone: how long is counted by this clock."""

    name = "clock_skew"
    lasts = (30.0, 300.0)
    apart = frozenset({"too_many_requests", "ban"})

    def __init__(self, luck: Random, ms: int) -> None:
        super().__init__(luck)
        self._ms = ms

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"ms": luck.choice([-2000, -500, 500, 2000])}

    def begin(self, world: World) -> None:
        super().begin(world)
        world.own_clock.skew = self._ms

    def end(self, world: World) -> None:
        world.own_clock.skew = 0
