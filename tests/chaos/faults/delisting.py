"""A product goes: it is offline or gone from the list, its frames stop, and for a while nothing is traded in it."""

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

NOTICE = 2
"""Whole minutes before trading stops: what falls due in this one has been made already."""


class Delisting(Fault):
    """``listed``: whether the product stays on the list, offline, and its candles can still be asked for."""

    name = "delisting"
    lasts = (300.0, 900.0)
    lingers = (NOTICE + 1) * 60.0
    most = 1
    apart = frozenset({"listing"})

    def __init__(self, luck: Random, symbol: str, listed: bool) -> None:
        super().__init__(luck)
        self._symbol, self._listed = symbol, listed

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"symbol": luck.choice(setting.symbols), "listed": luck.random() < 0.5}

    def begin(self, world: World) -> None:
        super().begin(world)
        start = world.clock.now() // MINUTE * MINUTE + NOTICE * MINUTE
        self._halt = Halt(self._symbol, start, start + LONG)
        world.market.halts.append(self._halt)

    def answers(self, request: Request, response: Response) -> Response:
        dialect = self.world.dialect
        if request.now < self._halt.start or response.status != 200:
            return response
        if dialect.asks_for_products(request):
            return replace(response, body=dialect.without_product(response.body, self._symbol, listed=self._listed))
        wanted = dialect.asks_for_candles(request)
        if wanted is not None and wanted[0] == self._symbol and not self._listed:
            status, body = dialect.unknown_product()
            return replace(response, status=status, body=body)
        return response

    def end(self, world: World) -> None:
        """It is listed again, traded from the minute after the next, and told of on new connections."""
        end = max(self._halt.start, world.clock.now() // MINUTE * MINUTE + NOTICE * MINUTE)
        world.market.halts.remove(self._halt)
        world.market.halts.append(self._halt._replace(end=end))
        world.hang_up()
