"""REST answers lag behind: the bucket that has just closed is still missing in them."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault, Setting


class LaggingAnswers(Fault):
    """``by`` so many seconds."""

    name = "lagging_answers"
    lasts = (20.0, 180.0)

    def __init__(self, luck: Random, by: float) -> None:
        super().__init__(luck)
        self._by = by

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"by": luck.choice([2.0, 5.0, 20.0])}

    def answers(self, request: Request, response: Response) -> Response:
        wanted = self.world.dialect.asks_for_candles(request)
        if response.status != 200 or wanted is None:
            return response
        known = request.now - self._by * 1000 - wanted[1].ms
        rows = [row for row in self.world.dialect.rows(response.body) if row["open_time"] <= known]
        return replace(response, body=self.world.dialect.with_rows(response.body, rows))
