"""Candles that do not open where a bucket does, as after an outage of the exchange's own aggregation."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault, Setting


class MisalignedCandles(Fault):
    """Beside the true ones in REST answers and frames, or, with ``instead``, in the place of ``share`` of them."""

    name = "misaligned_candles"

    def __init__(self, luck: Random, by: int, instead: bool, share: float) -> None:
        """``by``: ms."""
        super().__init__(luck)
        self._by, self._instead, self._share = by, instead, share

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {
            "by": luck.choice([1000, 15_000, 59_000]),
            "instead": luck.random() < 0.5,
            "share": luck.uniform(0.1, 1),
        }

    def sends(self, connection: int, text: str) -> list[str]:
        odd = self.world.dialect.odd_kline(text, {"shift": self._by}) if self.luck.random() < self._share else None
        return [text] if odd is None else [odd] if self._instead else [text, odd]

    def answers(self, request: Request, response: Response) -> Response:
        if response.status != 200 or self.world.dialect.asks_for_candles(request) is None:
            return response
        rows = []
        for row in self.world.dialect.rows(response.body):
            odd = self.luck.random() < self._share
            rows += [row] if not (odd and self._instead) else []
            rows += [{**row, "open_time": row["open_time"] + self._by}] if odd else []
        return replace(response, body=self.world.dialect.with_rows(response.body, rows))
