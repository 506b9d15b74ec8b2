"""An actor fails."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.world import World


class CrashedActor(Fault):
    """Unless it is down at that moment already."""

    name = "crashed_actor"
    lasts = (1.0, 1.0)

    def __init__(self, luck: Random, path: str) -> None:
        super().__init__(luck)
        self._path = path

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"path": luck.choice(setting.actors)}

    def begin(self, world: World) -> None:
        super().begin(world)
        process = world.process
        if process is not None and not process.dead and process.state(self._path) == "up":
            world.crash(self._path)
