"""Subscriptions that are not heard, or whose answer is swallowed."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.world import World


class SwallowedSubscription(Fault):
    """Every connection is lost, and of what is said to the new ones ``deaf`` (from 0 on) is not heard; None: all is.

    ``answers``: whether answers come.
    """

    name = "swallowed_subscription"
    lasts = (5.0, 60.0)

    def __init__(self, luck: Random, deaf: int | None, answers: bool) -> None:
        super().__init__(luck)
        self._deaf, self._answers, self._said = deaf, answers, dict[int, int]()

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        deaf = luck.choice([None, 0, 1, 2])
        return {"deaf": deaf, "answers": deaf is not None and luck.random() < 0.5}

    def begin(self, world: World) -> None:
        super().begin(world)
        world.hang_up()

    def hears(self, connection: int, text: str) -> bool:
        said = self._said[connection] = self._said.get(connection, -1) + 1
        return said != self._deaf

    def sends(self, connection: int, text: str) -> Sequence[str]:
        return (text,) if self._answers or not self.world.dialect.is_consent(text) else ()
