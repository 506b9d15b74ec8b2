"""The server on a real port, in this process: sockets, clocks, bounds and farewells."""

import asyncio
import base64
import json
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from livermore.clock import AffineClock, Clock
from livermore.market.instant import parse_iso
from livermore.notices.multipart import Part, multipart
from livermore.simulator import coinbase_exchange, feed_socket
from livermore.simulator.coinbase_exchange import CoinbaseExchange
from livermore.simulator.market import Market
from livermore.simulator.rest import PREFIX, RestService
from livermore.simulator.server import SimulatorServer
from livermore.simulator.source import Source
from livermore.simulator.tls import Certificates, make_certificates
from livermore.simulator.wire import Frame
from tests.simulator.support import NOW, subscribe

MARKET = Market(7)
FAST = AffineClock(NOW, time.time_ns() // 1_000_000, 10.0)


@asynccontextmanager
async def serving(
    source: Source = MARKET,
    clock: Clock = FAST,
    rest: RestService | None = None,
    certificates: Certificates | None = None,
) -> AsyncIterator[SimulatorServer]:
    """A server that listens, and has ended afterwards."""
    server = SimulatorServer(CoinbaseExchange(source, clock, rest), certificates)
    server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def connected(server: SimulatorServer, **more) -> AsyncIterator[WebSocketClientConnection]:
    connection = await websocket_connect(HTTPRequest(server.urls["websocket_url"], **more))
    try:
        yield connection
    finally:
        connection.close()


async def fetch(url: str, **more) -> HTTPResponse:
    client = AsyncHTTPClient(force_instance=True)
    try:
        return await client.fetch(HTTPRequest(url, **more), raise_error=False)
    finally:
        client.close()


async def heard(connection: WebSocketClientConnection, frames: int) -> list[dict]:
    return [json.loads(await connection.read_message()) for _ in range(frames)]


def run(coroutine) -> None:
    """In a loop of its own, and never for long."""
    asyncio.run(asyncio.wait_for(coroutine, 30))


def test_a_client_hears_snapshots_and_then_the_market_as_its_time_passes():
    async def scenario() -> None:
        async with serving() as server, connected(server) as connection:
            for channel in ("market_trades", "ticker", "heartbeats"):
                await connection.write_message(subscribe(channel, "BTC-USD", "ETH-USD"))
            frames = await heard(connection, 100)
            assert [f["sequence_num"] for f in frames] == list(range(100))
            assert {f["channel"] for f in frames} == {"market_trades", "ticker", "heartbeats", "subscriptions"}
            assert parse_iso(frames[-1]["timestamp"]) <= FAST.now()
            assert FAST.now() - parse_iso(frames[-1]["timestamp"]) < 10_000

    run(scenario())


def test_several_clients_are_numbered_each_by_itself():
    async def scenario() -> None:
        async with serving() as server, connected(server) as one, connected(server) as other:
            for connection in (one, other):
                await connection.write_message(subscribe("heartbeats"))
            for connection in (one, other):
                assert [f["sequence_num"] for f in await heard(connection, 3)] == [0, 1, 2]

    run(scenario())


def test_who_is_silent_is_hung_up_on_with_the_reason(monkeypatch):
    monkeypatch.setattr(coinbase_exchange, "PATIENCE", 500)

    async def scenario() -> None:
        async with serving() as server, connected(server) as connection:
            began = time.monotonic()
            assert await connection.read_message() is None
            assert (connection.close_code, connection.close_reason) == (1008, "no subscribe message within 5 seconds")
            assert time.monotonic() - began > 0.4

    run(scenario())


def test_a_fast_clock_leaves_clients_their_five_seconds():
    async def scenario() -> None:
        async with serving() as server, connected(server) as connection:
            [handler] = server._connected
            assert handler._session.next_due() - FAST.now() > 40_000
            await connection.write_message(subscribe("heartbeats"))
            assert len(await heard(connection, 2)) == 2

    run(scenario())


def test_an_error_leaves_the_connection_open():
    async def scenario() -> None:
        async with serving() as server, connected(server) as connection:
            await connection.write_message("nonsense")
            await connection.write_message(b"\x00\x01", binary=True)
            await connection.write_message(subscribe("heartbeats"))
            frames = await heard(connection, 3)
            assert [f.get("type") for f in frames] == ["error", "error", None]

    run(scenario())


def test_a_message_that_is_too_long_ends_the_connection():
    async def scenario() -> None:
        async with serving() as server, connected(server) as connection:
            await connection.write_message("x" * (feed_socket.LARGEST + 1))
            assert await connection.read_message() is None

    run(scenario())


def test_a_connection_is_forgotten_when_its_client_leaves():
    async def scenario() -> None:
        async with serving() as server:
            async with connected(server) as connection:
                await connection.write_message(subscribe("heartbeats"))
                await heard(connection, 1)
                [handler] = server._connected
                pump = handler._pump
            await handler.gone.wait()
            assert server._connected == set()
            await asyncio.wait([pump])
            assert pump.done()

    run(scenario())


class Flood:
    """A source that has a megabyte to say every millisecond."""

    seed = 0
    channels = frozenset({"heartbeats"})
    listings = ()

    def __init__(self) -> None:
        self.made = 0

    def snapshot(self, channel: str, symbols: object, now: int) -> list[Frame]:
        return []

    def updates(self, channel: str, symbol: str, since: int) -> Iterator[Frame]:
        for at in count(since):
            self.made += 1
            yield Frame(at, "", channel, ["x" * 2**20])


class Stepping:
    """Market time stands still until a frame has been taken, so that one is due at a time."""

    speed = 1.0
    passed = 0

    def now(self) -> int:
        self.passed += 1
        return NOW + self.passed

    def wall(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()


def deaf_client(port: int) -> socket.socket:
    """Shakes hands, subscribes, and reads no further."""
    client = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    lines = ["GET / HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
             "Sec-WebSocket-Version: 13", "", ""]  # fmt: skip
    text = subscribe("heartbeats").encode()
    frame = bytes([0x81, 0x80 | len(text)]) + bytes(4) + text
    client.sendall("\r\n".join(lines).encode() + frame)
    return client


def test_a_client_that_does_not_read_is_cut_off_and_little_is_made_for_it(monkeypatch, caplog):
    monkeypatch.setattr(feed_socket, "SLOWEST", 0.5)

    async def scenario() -> None:
        flood = Flood()
        server = SimulatorServer(CoinbaseExchange(flood, Stepping()))
        client = deaf_client(server.start())
        try:
            while not server._connected:
                await asyncio.sleep(0)
            [handler] = server._connected
            await asyncio.wait([handler._pump])
            assert flood.made < 100
            client.setblocking(False)
            with suppress(ConnectionResetError):
                while await asyncio.get_running_loop().sock_recv(client, 2**20):
                    pass
            await handler.gone.wait()
        finally:
            client.close()
            await server.stop()

    run(scenario())
    assert caplog.records == []


def test_stopping_does_not_wait_for_a_client_that_does_not_read(caplog):
    async def scenario() -> None:
        server = SimulatorServer(CoinbaseExchange(Flood(), Stepping()))
        client = deaf_client(server.start())
        try:
            while not any(handler.ws_connection.stream.writing() for handler in server._connected):
                await asyncio.sleep(0.001)
            began = time.monotonic()
            await server.stop()
            assert time.monotonic() - began < 3
            assert server._connected == set()
        finally:
            client.close()

    run(scenario())
    assert caplog.records == []


def test_a_host_that_was_asleep_hangs_up_instead_of_catching_up(monkeypatch):
    class Jumping(AffineClock):
        def now(self) -> int:
            return super().now() + jump

    jump = 0

    async def scenario() -> None:
        nonlocal jump
        clock = Jumping(NOW, time.time_ns() // 1_000_000, 1.0)
        async with serving(clock=clock) as server, connected(server) as connection:
            await connection.write_message(subscribe("heartbeats"))
            await heard(connection, 2)
            jump = 3_600_000
            messages = []
            while (message := await connection.read_message()) is not None:
                messages.append(message)
            assert len(messages) < 5
            assert connection.close_code == 1001

    run(scenario())


def test_stopping_takes_leave_of_every_client_and_frees_the_port():
    async def scenario() -> None:
        server = SimulatorServer(CoinbaseExchange(MARKET, FAST))
        port = server.start()
        connection = await websocket_connect(server.urls["websocket_url"])
        await connection.write_message(subscribe("heartbeats"))
        await heard(connection, 1)
        await server.stop()
        while await connection.read_message() is not None:
            pass
        assert (connection.close_code, connection.close_reason) == (1001, "going away")
        connection.close()
        again = SimulatorServer(CoinbaseExchange(MARKET, FAST))
        assert again.start(port=port) == port
        await again.stop()

    run(scenario())


def test_rest_is_served_on_the_same_port():
    async def scenario() -> None:
        async with serving() as server:
            url = server.urls["rest_url"] + PREFIX
            answer = await fetch(
                url + "market/products/BTC-USD/candles?start=1786300000&end=1786309500&granularity=ONE_HOUR"
            )
            assert answer.code == 200
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            assert [c["start"] for c in json.loads(answer.body)["candles"]] == [
                "1786309200",
                "1786305600",
                "1786302000",
            ]
            assert (await fetch(url + "nothing")).code == 404
            assert (await fetch(url + "time", method="DELETE")).code == 405
            assert (await fetch(server.urls["rest_url"])).code == 400

    run(scenario())


def test_the_rate_limit_counts_wall_seconds_however_fast_the_market_goes():
    class Leaping(AffineClock):
        """Between two questions an hour of market time passes."""

        passed = 0

        def now(self) -> int:
            Leaping.passed += 3_600_000
            return NOW + Leaping.passed

    async def scenario() -> None:
        rest = RestService(MARKET, rate=0.01, burst=2)
        async with serving(rest=rest, clock=Leaping()) as server:
            codes = [(await fetch(f"{server.urls['rest_url']}{PREFIX}time")).code for _ in range(4)]
            assert codes == [200, 200, 429, 429]

    run(scenario())


def test_webhooks_are_taken_and_shown():
    async def scenario() -> None:
        async with serving() as server:
            url = server.urls["webhook_url"]
            assert (await fetch(url, method="POST", body='{"content": "hello"}')).code == 204
            assert (await fetch(url + "?wait=false", method="POST", body='{"content": "again"}')).code == 204
            assert (await fetch(url, method="POST", body="nonsense")).code == 400
            assert json.loads((await fetch(url)).body) == [{"content": "hello"}, {"content": "again"}]
            assert json.loads((await fetch(url.replace("demo", "other"))).body) == []

    run(scenario())


def test_a_webhook_takes_a_picture_beside_its_message():
    message = b'{"embeds": [{"image": {"url": "attachment://chart.png"}}]}'
    parts = [
        Part("payload_json", "application/json", message),
        Part("files[0]", "image/png", b"\x89PNG" * 200_000, "chart.png"),
    ]
    content_type, body = multipart(parts)

    async def scenario() -> None:
        async with serving() as server:
            url = server.urls["webhook_url"]
            answer = await fetch(url, method="POST", body=body, headers={"Content-Type": content_type})
            assert answer.code == 204
            assert json.loads((await fetch(url)).body) == [json.loads(message)]

    run(scenario())


def test_everything_is_served_over_tls_to_who_trusts_the_authority(tmp_path):
    async def scenario() -> None:
        files = make_certificates(tmp_path, FAST.wall())
        async with serving(certificates=files) as server:
            assert server.urls["websocket_url"].startswith("wss://127.0.0.1:")
            trust = {"ssl_options": ssl.create_default_context(cafile=files.authority)}
            assert (await fetch(f"{server.urls['rest_url']}{PREFIX}time", **trust)).code == 200
            async with connected(server, **trust) as connection:
                await connection.write_message(subscribe("heartbeats"))
                assert (await heard(connection, 1))[0]["channel"] == "subscriptions"

    run(scenario())


def test_a_port_that_is_taken_is_an_error():
    async def scenario() -> None:
        async with serving() as server:
            port = int(server.urls["rest_url"].rpartition(":")[2])
            with pytest.raises(OSError, match="in use"):
                SimulatorServer(CoinbaseExchange(MARKET, FAST)).start(port=port)

    run(scenario())
