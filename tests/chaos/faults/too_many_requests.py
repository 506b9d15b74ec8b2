"""429 with Retry-After: the exchange wants fewer requests for a while."""

from random import Random
from typing import ClassVar

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault, Span
from tests.support.world_network import TRIP

LEEWAY = 100
"""Milliseconds in which what we were told takes effect."""


class TooManyRequests(Fault):
    """Every request is turned away for the time that the answer names, or until the fault ends."""

    name = "too_many_requests"
    lasts = (20.0, 90.0)
    apart = frozenset({"clock_skew"})
    status: ClassVar[int] = 429
    body: ClassVar[bytes] = b'{"errors":[{"id":"rate_limit_exceeded","message":"Too many requests"}]}'
    longest: ClassVar[int] = 15
    """Seconds that one answer may name."""

    def __init__(self, luck: Random) -> None:
        super().__init__(luck)
        self._until = 0

    def asked(self, request: Request) -> Response | None:
        if request.now >= self._until:
            self._until = request.now + 1000 * self.luck.randint(1, self.longest)
        wait = -(-(self._until - request.now) // 1000)
        told = request.now + int((TRIP + self.world.weather.lag()) * 1000) + LEEWAY
        self.forbidden.append(Span(told, request.now + wait * 1000 - 1))
        return Response(self.status, {"retry-after": str(wait), "content-type": "application/json"}, self.body)
