"""REST answers come from a cache, as they stood a second ago."""

from collections.abc import Mapping
from random import Random
from typing import Any

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault, Setting


class CachedAnswers(Fault):
    """``by`` so many seconds: public caches are said to hold one (`exchanges.md` 2)."""

    name = "cached_answers"
    lasts = (20.0, 180.0)

    def __init__(self, luck: Random, by: float) -> None:
        super().__init__(luck)
        self._by = by

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"by": luck.uniform(0.5, 1.5)}

    def answers(self, request: Request, response: Response) -> Response:
        if response.status != 200 or self.world.dialect.asks_for_candles(request) is None:
            return response
        old = self.world.rest.answer(request._replace(now=request.now - int(self._by * 1000), client="a cache"))
        return Response(old.status, response.headers, old.body)
