"""All frames are late by the same time, as on a line that is too thin; their order stays."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.weather import Arrival
from tests.support.world import World


class LateFrames(Fault):
    """``by`` so many seconds. What comes afterwards does not overtake them."""

    name = "late_frames"
    apart = frozenset({"reordered_frames"})

    def __init__(self, luck: Random, by: float) -> None:
        super().__init__(luck)
        self._by = by

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"by": luck.choice([0.5, 1.5, 3.0, 10.0])}

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        return (Arrival(self._by, text),)

    def end(self, world: World) -> None:
        """The line is cut, so that nothing can overtake."""
        for connection in world.connections:
            connection.lose()
        world.hang_up()
