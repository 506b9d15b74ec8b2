"""Connections end without a closing frame (1006), what was on the way is lost; perhaps again and again."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.weather import Arrival
from tests.support.world import World


class LostConnection(Fault):
    """``lives``: frames that each connection carries while this lasts."""

    name = "lost_connection"
    lasts = (1.0, 40.0)

    def __init__(self, luck: Random, lives: int) -> None:
        super().__init__(luck)
        self._lives, self._carried = lives, dict[int, int]()

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"lives": luck.choice([0, 5, 50, 500])}

    def begin(self, world: World) -> None:
        super().begin(world)
        self._cut()

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        carried = self._carried[connection] = self._carried.get(connection, 0) + 1
        if carried == self._lives + 1:
            self._cut()
        return () if carried > self._lives else (Arrival(0.0, text),)

    def _cut(self) -> None:
        for connection in self.world.connections:
            connection.lose()
        self.world.hang_up()
