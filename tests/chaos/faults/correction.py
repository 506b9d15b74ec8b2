"""The exchange corrects itself: later, REST has another candle for a minute that is over."""

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from livermore.market.timeframe import Timeframe
from tests.chaos.fault import Fault, Setting
from tests.support.edited_market import Correction as Corrected
from tests.support.world import World


class Correction(Fault):
    """The candle of the minute ``ago`` minutes before gets more volume: a trade that was not told."""

    name = "correction"
    lasts = (1.0, 1.0)
    most = 3

    def __init__(self, luck: Random, symbol: str, ago: int) -> None:
        super().__init__(luck)
        self._symbol, self._ago = symbol, ago

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"symbol": luck.choice(setting.symbols), "ago": luck.randint(1, 10)}

    def begin(self, world: World) -> None:
        super().begin(world)
        now, minute = world.clock.now(), Timeframe.M1
        last = minute.last_closed(now) - (self._ago - 1) * minute.ms
        for candle in world.market.candles(self._symbol, minute, last, last, now):
            more = f"{(Decimal(candle.volume) * 2).normalize():f}"
            world.market.corrections.append(Corrected(now, msgspec.structs.replace(candle, volume=more)))
