"""Answers of 500, 502, 503 and 504, some of them after the question has been dealt with."""

from collections.abc import Mapping
from random import Random
from typing import Any

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault, Setting


class ServerErrors(Fault):
    """``share`` of them."""

    name = "server_errors"
    lasts = (5.0, 90.0)

    def __init__(self, luck: Random, share: float) -> None:
        super().__init__(luck)
        self._share = share

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"share": luck.choice([0.2, 0.7, 1.0])}

    def answers(self, request: Request, response: Response) -> Response:
        if self.luck.random() >= self._share or response.status != 200:
            return response
        return Response(self.luck.choice([500, 502, 503, 504]), {"content-type": "text/html"}, b"<html>sorry</html>")
