"""The simulated Binance on a real port: paths, pings, floods, farewells."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from livermore.clock import AffineClock, Clock
from livermore.market.timeframe import Timeframe
from livermore.simulator.binance_exchange import BinanceExchange
from livermore.simulator.binance_rest import BinanceRestService
from livermore.simulator.binance_session import Limits
from livermore.simulator.binance_venue import COM
from livermore.simulator.server import SimulatorServer
from tests.simulator.binance_support import MARKET, ask
from tests.simulator.support import NOW
from tests.simulator.test_server import fetch, heard, run


@asynccontextmanager
async def serving(exchange: BinanceExchange | None = None) -> AsyncIterator[SimulatorServer]:
    server = SimulatorServer(exchange or BinanceExchange(MARKET, clock()))
    server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def connected(server: SimulatorServer, path: str = "/stream") -> AsyncIterator[WebSocketClientConnection]:
    base = server.urls["websocket_url"]
    assert base.endswith("/stream")
    connection = await websocket_connect(base.removesuffix("/stream") + path)
    try:
        yield connection
    finally:
        connection.close()


def clock(speed: float = 10.0) -> Clock:
    """At `NOW` now."""
    return AffineClock(NOW, time.time_ns() // 1_000_000, speed)


async def farewell(connection: WebSocketClientConnection) -> tuple[int | None, str | None]:
    while await connection.read_message() is not None:
        pass
    return connection.close_code, connection.close_reason


def test_streams_are_named_in_the_address_or_subscribed_to():
    async def scenario() -> None:
        async with serving() as server, connected(server, "/stream?streams=btcusdt@trade/ethusdt@kline_1m") as feed:
            frames = await heard(feed, 40)
            assert {frame["stream"] for frame in frames} == {"btcusdt@trade", "ethusdt@kline_1m"}
            await feed.write_message(ask("SUBSCRIBE", "solusdt@miniTicker"))
            while (await heard(feed, 1))[0].get("stream") != "solusdt@miniTicker":
                pass

    run(scenario())


@pytest.mark.parametrize("path", ["/ws/btcusdt@trade", "/ws/btcusdt@trade/ethusdt@trade", "/ws"])
def test_raw_streams_do_not_say_their_names(path):
    async def scenario() -> None:
        async with serving() as server, connected(server, path) as feed:
            if path == "/ws":
                await feed.write_message(ask("SUBSCRIBE", "btcusdt@trade"))
                assert await heard(feed, 1) == [{"result": None, "id": 1}]
            [frame] = await heard(feed, 1)
            assert frame["e"] == "trade"

    run(scenario())


def test_rest_is_served_on_the_same_port_with_the_weight_of_the_client():
    async def scenario() -> None:
        async with serving() as server:
            url = server.urls["rest_url"] + "/api/v3/"
            answer = await fetch(url + "klines?symbol=BTCUSDT&interval=1h&limit=3")
            assert [row[0] for row in json.loads(answer.body)][1] == Timeframe.H1.floor(NOW) - Timeframe.H1.ms
            assert answer.headers["X-MBX-USED-WEIGHT-1M"] == "2"
            assert (await fetch(url + "klines?symbol=NOSUCH&interval=1h")).code == 400
            assert (await fetch(url + "nothing")).code == 404
            assert (await fetch(server.urls["webhook_url"], method="POST", body="{}")).code == 204

    run(scenario())


def test_too_much_weight_is_refused_with_the_time_to_wait():
    async def scenario() -> None:
        time_ = clock()
        async with serving(BinanceExchange(MARKET, time_, rest=BinanceRestService(MARKET, budget=1))) as server:
            answers = [await fetch(server.urls["rest_url"] + "/api/v3/ping") for _ in range(7)]
            assert {answer.code for answer in answers[-6:]} >= {429}
            assert 1 <= int(answers[-1].headers["Retry-After"]) <= 120

    run(scenario())


def test_who_says_too_much_is_hung_up_on():
    async def scenario() -> None:
        async with serving() as server, connected(server) as feed:
            for number in range(3):
                await feed.write_message(ask("LIST_SUBSCRIPTIONS", id_=number))
                feed.ping(b"hello")
            assert await farewell(feed) == (1008, "Too many requests")

    run(scenario())


def test_who_answers_pings_may_stay():
    async def scenario() -> None:
        venue = COM._replace(ping_every=0.25, pong_within=0.4)
        async with serving(BinanceExchange(MARKET, clock(), venue)) as server, connected(server) as feed:
            await feed.write_message(ask("SUBSCRIBE", "btcusdt@trade"))
            began = time.monotonic()
            while time.monotonic() - began < 1.2:
                await heard(feed, 1)
            assert feed.close_code is None

    run(scenario())


def test_who_does_not_answer_a_ping_in_time_is_hung_up_on(monkeypatch):
    """A pong with another payload is no answer."""

    async def scenario() -> None:
        venue = COM._replace(ping_every=0.3, pong_within=0.4)
        async with serving(BinanceExchange(MARKET, clock(), venue)) as server, connected(server) as feed:
            assert feed.protocol is not None
            pongs = []

            def answer(fin: bool, opcode: int, payload: bytes) -> object:
                if opcode != 0xA:
                    return write(fin, opcode, payload)
                pongs.append(payload)
                return write(fin, opcode, b"unasked")

            write = feed.protocol._write_frame
            monkeypatch.setattr(feed.protocol, "_write_frame", answer)
            assert await farewell(feed) == (1008, "Pong timeout")
            assert pongs[0].isdigit()

    run(scenario())


def test_all_are_warned_of_a_shutdown_and_cut_off():
    async def scenario() -> None:
        exchange = BinanceExchange(MARKET, clock())
        async with serving(exchange) as server, connected(server) as named, connected(server, "/ws") as raw:
            exchange.shut_down(5_000)
            [one], [other] = await heard(named, 1), await heard(raw, 1)
            assert one["stream"] == "!serverShutdown"
            assert one["data"]["e"] == other["e"] == "serverShutdown"
            assert await farewell(named) == await farewell(raw) == (1001, "going away")

    run(scenario())


def test_an_old_connection_is_cut_off():
    async def scenario() -> None:
        exchange = BinanceExchange(MARKET, clock(), limits=Limits(life=5_000, notice=2_000))
        async with serving(exchange) as server, connected(server) as feed:
            assert (await heard(feed, 1))[0]["data"]["E"] >= NOW + 3_000
            assert await farewell(feed) == (1001, "going away")

    run(scenario())
