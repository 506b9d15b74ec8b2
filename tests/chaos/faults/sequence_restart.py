"""The exchange counts its frames from 0 again, on the same connection, and loses some while it does so."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.world import World


class SequenceRestart(Fault):
    """``losing``: whether nothing is sent as long as it lasts."""

    name = "sequence_restart"
    lasts = (0.1, 15.0)

    def __init__(self, luck: Random, losing: bool) -> None:
        super().__init__(luck)
        self._losing = losing

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"losing": luck.random() < 0.7}

    def sends(self, connection: int, text: str) -> Sequence[str]:
        return () if self._losing else (text,)

    def end(self, world: World) -> None:
        for connection in world.connections:
            connection.restart_numbers()
