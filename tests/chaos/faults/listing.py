"""A product that was not listed when the night began, and comes."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from livermore.market.timeframe import MINUTE
from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault, Setting
from tests.support.edited_market import LONG, Halt
from tests.support.world import World


class Listing(Fault):
    """It begins with the night (`tests.chaos.schedule`), and its end is the listing."""

    name = "listing"
    lasts = (300.0, 900.0)
    most = 1
    apart = frozenset({"delisting"})

    def __init__(self, luck: Random, symbol: str) -> None:
        super().__init__(luck)
        self._symbol = symbol

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"symbol": luck.choice(setting.symbols)}

    def begin(self, world: World) -> None:
        super().begin(world)
        self._halt = Halt(self._symbol, 0, world.clock.now() + LONG)
        world.market.halts.append(self._halt)

    def answers(self, request: Request, response: Response) -> Response:
        dialect = self.world.dialect
        if response.status != 200:
            return response
        if dialect.asks_for_products(request):
            return replace(response, body=dialect.without_product(response.body, self._symbol, listed=False))
        wanted = dialect.asks_for_candles(request)
        if wanted is not None and wanted[0] == self._symbol:
            status, body = dialect.unknown_product()
            return replace(response, status=status, body=body)
        return response

    def end(self, world: World) -> None:
        """It is traded from the minute after the next; connections are made anew, as their frames were planned."""
        end = world.clock.now() // MINUTE * MINUTE + 2 * MINUTE
        world.market.halts.remove(self._halt)
        world.market.halts.append(self._halt._replace(end=end))
        world.hang_up()
