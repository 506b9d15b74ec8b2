"""One symbol is silent while all others go on: the forum's classic."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.world import World


class MuteSymbol(Fault):
    """On the connections that are open when it begins, or, ``stubborn``, on new ones, too."""

    name = "mute_symbol"
    lasts = (20.0, 400.0)

    def __init__(self, luck: Random, symbol: str, stubborn: bool) -> None:
        super().__init__(luck)
        self._symbol, self._stubborn = symbol, stubborn

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"symbol": luck.choice(setting.symbols), "stubborn": luck.random() < 0.3}

    def begin(self, world: World) -> None:
        super().begin(world)
        self._newest = world.connected

    def sends(self, connection: int, text: str) -> Sequence[str]:
        muted = self._stubborn or connection <= self._newest
        return () if muted and self.world.dialect.symbols(text) == {self._symbol} else (text,)
