"""An actor hangs: it does nothing more, and does not fail either."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting


class HungActor(Fault):
    """A worker takes no message, a loop gets no further than to its next word with Redis."""

    name = "hung_actor"
    lasts = (3.0, 50.0)

    def __init__(self, luck: Random, path: str) -> None:
        super().__init__(luck)
        self._path = path

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"path": luck.choice(setting.actors)}

    def holds(self, path: str) -> bool:
        return path == self._path
