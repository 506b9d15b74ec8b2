"""The test of a connection: against both simulated exchanges, and against those that do not answer as they should."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from livermore.errors import Transient
from livermore.exchanges import binance, binance_us, coinbase
from livermore.exchanges.codec import Codec
from livermore.net import connection_test
from livermore.net.connection_test import PATIENCE, Reached, reach
from livermore.net.interface import Response
from livermore.net.rest import ExchangeRest
from livermore.simulator.instruments import made
from livermore.simulator.request import Request
from tests.support.binance import Binance
from tests.support.coinbase import Coinbase
from tests.support.dialect import Dialect
from tests.support.edited_market import EditedMarket
from tests.support.virtual_loop import VirtualClock, VirtualLoop

START = 1_789_948_800_000
Answers = Callable[[str, Mapping[str, str]], Awaitable[Response]]


class Line:
    """Stands for network and limiter."""

    def __init__(self, answers: Answers, wait: float = 0.0) -> None:
        self._answers, self._wait = answers, wait
        self.paused = 0.0

    async def get(
        self, url: str, query: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> Response:
        return await self._answers(url, dict(query))

    async def turn(self, weight: int) -> None:
        await asyncio.sleep(self._wait)

    async def pause(self, seconds: float) -> None:
        self.paused += seconds


def reached(codec: Codec, answers: Answers, wait: float = 0.0) -> Reached:
    """What comes of a test, in virtual time."""
    loop = VirtualLoop()
    line, clock = Line(answers, wait), VirtualClock(loop, START)
    rest = ExchangeRest(line, "https://api.example", codec, line)  # type: ignore[arg-type]
    try:
        return loop.run_until_complete(reach(rest, clock))
    finally:
        loop.close()


def of(status: int, body: bytes = b"", delay: float = 0.0, **headers: str) -> Answers:
    async def answer(_: str, __: Mapping[str, str]) -> Response:
        await asyncio.sleep(delay)
        return Response(status, headers, body)

    return answer


@pytest.mark.parametrize(
    ("codec", "dialect"),
    [(coinbase.Codec(), Coinbase()), (binance.Codec(), Binance()), (binance_us.Codec(), Binance())],
    ids=["coinbase", "binance", "binance_us"],
)
def test_a_simulated_exchange_is_reached_and_the_time_it_took_is_told(codec: Codec, dialect: Dialect) -> None:
    service = dialect.rest(EditedMarket(1, made(3, dialect.quote), dialect.name))

    async def answer(url: str, query: Mapping[str, str]) -> Response:
        await asyncio.sleep(0.12)
        path = url.removeprefix("https://api.example")
        told = service.answer(Request("GET", path, query, "127.0.0.1", START, 0.0))
        return Response(told.status, {name.lower(): value for name, value in told.headers.items()}, told.body)

    assert reached(codec, answer) == Reached(success=True, latency_ms=120)


@pytest.mark.parametrize("status", [400, 403, 404, 418, 429, 451, 500, 503])
def test_an_exchange_that_refuses_is_told_with_its_status(status: int) -> None:
    found = reached(coinbase.Codec(), of(status, b"<html>no</html>"))
    assert (found.success, found.latency_ms) == (False, None)
    assert str(status) in str(found.error)


def test_nonsense_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reached(coinbase.Codec(), of(200, b"[]")).success is False
    monkeypatch.setattr(connection_test, "LONGEST", 10)
    assert len(str(reached(coinbase.Codec(), of(404, b"x" * 5000)).error)) == 10


def test_who_does_not_answer_within_ten_seconds_has_not_been_reached() -> None:
    for found in (
        reached(coinbase.Codec(), of(200, b"{}", delay=PATIENCE + 1)),
        reached(coinbase.Codec(), of(200, b"{}"), wait=PATIENCE + 1),
    ):
        assert found == Reached(success=False, error="no answer within 10 s")


def test_a_machine_that_cannot_be_reached_is_told_as_such() -> None:
    async def nobody(_: str, __: Mapping[str, str]) -> Response:
        raise Transient("nobody listens there")

    assert reached(binance.Codec(), nobody) == Reached(success=False, error="nobody listens there")
