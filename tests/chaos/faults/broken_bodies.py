"""REST answers of status 200 whose body is cut short, is no JSON, or something else altogether."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault, Setting

GARBAGE = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b"<!DOCTYPE html><html></html>",
    b'{"candles":null}',
    b"\xff\xfe\x00",
    b"[" * 5000,
)


class BrokenBodies(Fault):
    """``share`` of them."""

    name = "broken_bodies"
    lasts = (5.0, 45.0)

    def __init__(self, luck: Random, share: float) -> None:
        super().__init__(luck)
        self._share = share

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"share": luck.choice([0.1, 0.5, 1.0])}

    def answers(self, request: Request, response: Response) -> Response:
        if self.luck.random() >= self._share or response.status != 200:
            return response
        cut = response.body[: self.luck.randrange(len(response.body))]
        return replace(response, body=self.luck.choice([cut, self.luck.choice(GARBAGE)]))
