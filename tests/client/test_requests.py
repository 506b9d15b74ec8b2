"""The client's requests: every row once, waits as long as the server asks, and errors that say what is wrong."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from livermore.client import ApiError, AsyncClient, Candle, UnexpectedError, UnreachableError
from livermore.errors import Transient
from livermore.market.candle import Series
from livermore.market.gap import Cause, Gap
from livermore.market.timeframe import Timeframe
from livermore.store import gaps
from tests.client.conftest import Waits, client, everything, run, url
from tests.http.test_keys import change
from tests.http.test_lists import alert, list_products
from tests.http.world import World
from tests.support.candles import BTC, T0, candle
from tests.support.free_port import free_port

HOUR = Series("coinbase", "BTC-USD", Timeframe.H1)
MINUTE = ("coinbase", "BTC-USD", "1m")


def filled(world: World, count: int) -> list[str]:
    """So many minutes, each with the price of its number."""
    for first in range(0, count, 100):
        world.store(*(candle(n, str(n + 1)) for n in range(first, min(count, first + 100))), news=False)
    world.known(BTC, T0, T0 + (count - 1) * 60_000)
    return [str(n + 1) for n in range(count)]


def closes(candles: list[Candle]) -> list[str]:
    return [one.close for one in candles]


async def candles_of(world: World, **asked: Any) -> list[str]:
    async with client(world) as ours:
        return closes(await everything(ours.candles(*MINUTE, **asked)))


@pytest.mark.parametrize("page_size", [1, 7, 25, 1000])
def test_every_candle_is_given_once_and_in_order_whatever_the_pages(world: World, page_size: int) -> None:
    prices = filled(world, 25)
    assert run(candles_of(world, page_size=page_size)) == prices
    assert run(candles_of(world, page_size=page_size, newest_first=True)) == prices[::-1]


def test_a_span_has_its_start_and_not_its_end_and_may_be_told_in_any_zone(world: World) -> None:
    prices = filled(world, 10)
    start = datetime.fromtimestamp(T0 / 1000 + 120, UTC)
    end = start.astimezone(timezone(timedelta(hours=5, minutes=30))) + timedelta(minutes=4)
    assert run(candles_of(world, start=start, end=end, page_size=3)) == prices[2:6]
    assert run(candles_of(world, start=start, end=end, page_size=3, newest_first=True)) == prices[2:6][::-1]
    assert run(candles_of(world, start="2023-11-14T00:08:00Z")) == prices[8:]


def test_a_time_without_its_zone_is_refused_before_anything_is_asked(world: World) -> None:
    with pytest.raises(ValueError, match="zone"):
        run(candles_of(world, start=datetime(2023, 11, 14)))  # noqa: DTZ001 - just that


def test_pages_tell_what_is_known_of_gaps(world: World) -> None:
    filled(world, 6)
    world.redis.run(gaps.report(world.lease, [Gap(BTC, T0 + 60_000, T0 + 60_000, Cause.DISCONNECT)]))

    async def pages() -> list[Any]:
        async with client(world) as ours:
            return await everything(ours.candle_pages(*MINUTE, page_size=4))

    first, second = run(pages())
    assert [gap.cause for gap in first.gaps] == ["disconnect"]
    assert (first.complete, second.complete, second.gaps) == (False, True, ())
    assert closes([*first.candles, *second.candles]) == ["1", "2", "3", "4", "5", "6"]


def test_lists_are_given_whole(world: World) -> None:
    list_products(world, 5)
    for timeframe in (Timeframe.M5, Timeframe.H1):
        world.signal(Series("coinbase", "C001-USD", timeframe), T0)
    for number in range(5):
        world.alert(alert(number))

    async def lists() -> Any:
        async with client(world) as ours:
            return (
                await everything(ours.symbols(page_size=2)),
                await everything(ours.alerts(page_size=2, exchange="coinbase")),
                await ours.signals("coinbase"),
                await ours.signals("coinbase", "C001-USD", ["1h"]),
                await ours.exchanges(),
            )

    symbols, alerts, signals, one, exchanges = run(lists())
    assert [symbol.symbol for symbol in symbols] == [f"C00{n}-USD" for n in range(5)]
    assert [found.id for found in alerts] == [alert(number).id for number in reversed(range(5))]
    assert [signal.timeframe for signal in signals] == ["5m", "1h"]
    assert [(signal.timeframe, signal.direction, signal.bars_used) for signal in one] == [("1h", "bullish", 300)]
    assert "coinbase" in {exchange.id for exchange in exchanges}


def test_a_limit_is_waited_for_as_long_as_the_server_asks(world: World) -> None:
    prices = filled(world, 20)
    change(world, world.key, requests_per_minute=6)
    waits = Waits(world)

    async def ask() -> list[str]:
        async with client(world, sleep=waits, patience=500) as ours:
            return closes(await everything(ours.candles(*MINUTE, page_size=1)))

    assert run(ask()) == prices
    assert waits
    assert all(wait >= 1 for wait in waits)


def test_a_wait_that_is_longer_than_patience_is_an_error_that_says_how_long(world: World) -> None:
    change(world, world.key, requests_per_minute=1)
    waits = Waits(world)

    async def ask() -> None:
        async with client(world, sleep=waits, patience=20) as ours:
            for _ in range(3):
                await ours.exchanges()

    with pytest.raises(ApiError) as refused:
        run(ask())
    assert (refused.value.status, refused.value.code) == (429, "RATE_LIMITED")
    assert (refused.value.retry_after or 0) > 20
    assert sum(waits) <= 20


def test_a_server_that_cannot_answer_now_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, failing = world.front.redis.run_all, [True, True]

    async def flaky(*queries: Any) -> Any:
        if failing and failing.pop():
            raise Transient("Redis is away", retry_after=1)
        return await ask(*queries)

    monkeypatch.setattr(world.front.redis, "run_all", flaky)
    prices = filled(world, 3)
    assert run(candles_of(world)) == prices
    assert not failing


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("nowhere", "BTC-USD", "1h"), (404, "NOT_FOUND", "exchange")),
        (("coinbase", "DOGE-USD", "1h"), (404, "NOT_FOUND", "symbol")),
        (("coinbase", "BTC-USD", "7m"), (400, "BAD_REQUEST", "timeframe")),
        (("coinbase", "../../health", "1h"), (404, "NOT_FOUND", "symbol")),
    ],
)
def test_a_refusal_says_what_is_wrong(world: World, asked: tuple[str, str, str], expected: tuple[Any, ...]) -> None:
    async def ask() -> None:
        async with client(world) as ours:
            await everything(ours.candles(*asked))

    with pytest.raises(ApiError) as refused:
        run(ask())
    error = refused.value
    assert (error.status, error.code) == expected[:2]
    assert error.param in {expected[2], None}
    assert error.request_id
    assert error.request_id in str(error)


def test_a_key_is_in_no_error_and_no_representation(world: World) -> None:
    secret = "lvm_000000000000_" + "A" * 43

    async def ask() -> str:
        async with client(world, key=secret) as ours:
            with pytest.raises(ApiError) as refused:
                await ours.exchanges()
            return f"{refused.value!r} {refused.value} {ours!r} {ours} {vars(refused.value)}"

    said = run(ask())
    assert "401" in said
    assert secret[-10:] not in said


def test_who_is_not_there_is_waited_for_and_then_named(world: World) -> None:
    waits = Waits(world)

    async def ask() -> None:
        async with AsyncClient(f"http://127.0.0.1:{free_port()}", "key", patience=3, sleep=waits) as nobody:
            await nobody.exchanges()

    with pytest.raises(UnreachableError):
        run(ask())
    assert 0 < sum(waits) <= 3


@contextmanager
def stranger(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """Another server, which always answers the same: its address, and the paths that it was asked for."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for name, word in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, word)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


async def exchanges(address: str, key: str) -> None:
    async with AsyncClient(address, key) as ours:
        await ours.exchanges()


@pytest.mark.parametrize("body", [b"<html>", b'{"data":[{"id":5}],"meta":{"count":1}}', b"{}"])
def test_another_server_is_found_out(body: bytes) -> None:
    with stranger(200, body) as (address, _), pytest.raises(UnexpectedError):
        run(exchanges(address, "key"))


def test_an_error_of_a_proxy_is_an_error_too() -> None:
    with stranger(403, b"<html>no</html>") as (address, _), pytest.raises(ApiError) as refused:
        run(exchanges(address, "key"))
    assert (refused.value.status, refused.value.code) == (403, "HTTP_403")


def test_a_redirection_is_not_followed_with_the_key(world: World) -> None:
    target = f"{url(world)}/public/v1/exchanges"
    with stranger(302, b"", Location=target) as (address, asked), pytest.raises(ApiError) as refused:
        run(exchanges(address, world.key))
    assert (refused.value.status, asked) == (302, ["/public/v1/exchanges"])


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org", "https://", ""])
def test_an_address_has_to_be_one_of_the_web(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        AsyncClient(address, "key")
