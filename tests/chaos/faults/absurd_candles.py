"""Candles that cannot be true: prices of nothing, highs below lows, amounts that are no numbers."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault, Setting

ABSURDITIES = (
    {"low": "0"},
    {"high": "0.00000001"},
    {"close": "0", "low": "0"},
    {"volume": "-1"},
    {"open": "NaN"},
    {"close": "Infinity"},
    {"volume": "1e999"},
    {"high": ""},
)


class AbsurdCandles(Fault):
    """In REST answers and frames, ``share`` of the candles, with the values of `ABSURDITIES` at ``which``."""

    name = "absurd_candles"

    def __init__(self, luck: Random, which: int, share: float) -> None:
        super().__init__(luck)
        self._change, self._share = ABSURDITIES[which], share

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"which": luck.randrange(len(ABSURDITIES)), "share": luck.choice([0.1, 0.5, 1.0])}

    def sends(self, connection: int, text: str) -> list[str]:
        odd = self.world.dialect.odd_kline(text, self._change) if self.luck.random() < self._share else None
        return [text if odd is None else odd]

    def answers(self, request: Request, response: Response) -> Response:
        if response.status != 200 or self.world.dialect.asks_for_candles(request) is None:
            return response
        rows = [
            {**row, **(self._change if self.luck.random() < self._share else {})}
            for row in self.world.dialect.rows(response.body)
        ]
        return replace(response, body=self.world.dialect.with_rows(response.body, rows))
