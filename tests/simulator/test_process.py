"""`python -m livermore.simulator` as a process: what it prints, and how it ends."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from livermore.market.instant import parse_iso
from livermore.market.timeframe import Timeframe
from livermore.simulator.market import Market
from tests.simulator.support import NOW, RECORDING, shared, subscribe

pytestmark = pytest.mark.system


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "livermore.simulator", *arguments]


@contextmanager
def simulator(*arguments: str, clock: str = "") -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A simulator that listens, and what it said about itself."""
    environment = os.environ | {"LIVERMORE_CLOCK": clock}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command(*arguments), env=environment, text=True, **pipes)
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code and everything else it said, once it has ended by itself."""
    output, errors = process.communicate(timeout=10)
    return process.returncode, output, errors


async def first_trades(facts: dict[str, Any]) -> dict[str, Any]:
    trust = ssl.create_default_context(cafile=facts["ca_file"]) if "ca_file" in facts else None
    connection = await websocket_connect(HTTPRequest(facts["websocket_url"], ssl_options=trust))
    await connection.write_message(subscribe("market_trades", "BTC-USD"))
    frame = json.loads(await connection.read_message())
    connection.close()
    while await connection.read_message() is not None:
        pass
    return frame


def test_it_serves_the_market_of_its_seed_at_the_time_of_its_clock_over_tls(tmp_path):
    origin = f"{NOW}@{time.time_ns() // 1_000_000}x2"
    with simulator("--seed", "42", "--tls-dir", str(tmp_path), clock=origin) as (process, facts):
        assert list(facts) == ["websocket_url", "rest_url", "webhook_url", "ca_file", "seed", "pid"]
        assert (facts["seed"], facts["pid"]) == (42, process.pid)
        frame = asyncio.run(first_trades(facts))
        at = parse_iso(frame["timestamp"])
        assert NOW <= at < NOW + 60_000
        newest = Market(42).newest_trades("BTC-USD", at, 1)[0]
        assert frame["events"][0]["trades"][0]["trade_id"] == str(newest.number)
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (0, "", "")


def test_it_ends_when_its_parent_s_pipe_does_even_with_a_client_that_stays():
    with simulator("--until-stdin-closes") as (process, facts):
        port = int(facts["websocket_url"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):
            process.stdin.write("anything at all\n")
            process.stdin.flush()
            assert process.poll() is None
            process.stdin.close()
            process.stdin = None
            assert ended(process) == (0, "", "")


def test_without_being_told_it_does_not_care_about_standard_input():
    with simulator() as (process, facts):
        process.stdin.close()
        process.stdin = None
        assert asyncio.run(first_trades(facts))["channel"] == "market_trades"
        process.send_signal(signal.SIGINT)
        assert ended(process) == (0, "", "")


def test_it_speaks_binance_s_protocol_of_as_many_symbols_as_are_asked_for():
    with simulator("--protocol", "binance", "--symbols", "14", "--venue", "us") as (process, facts):
        info = json.loads(urlopen(facts["rest_url"] + "/api/v3/exchangeInfo").read())
        assert [symbol["symbol"] for symbol in info["symbols"]][-2:] == ["BTC2USDT", "ETH2USDT"]
        assert info["rateLimits"][0]["limit"] == 1_200

        async def warned() -> list[dict[str, Any]]:
            connection = await websocket_connect(facts["websocket_url"] + "?streams=eth2usdt@trade")
            process.send_signal(signal.SIGUSR1)
            frames = []
            while (message := await connection.read_message()) is not None:
                frames.append(json.loads(message))
                if frames[-1]["stream"] == "!serverShutdown":
                    process.send_signal(signal.SIGTERM)
            connection.close()
            return frames

        assert "!serverShutdown" in {frame["stream"] for frame in asyncio.run(warned())}
        assert ended(process) == (0, "", "")


def test_coinbase_lists_as_many_symbols_as_are_asked_for():
    with simulator("--symbols", "30") as (_, facts):
        products = json.loads(urlopen(facts["rest_url"] + "/api/v3/brokerage/market/products").read())
        assert products["num_products"] == 60


@pytest.mark.parametrize(
    "arguments", [("--symbols", "0"), ("--protocol", "binance", "--record", "x"), ("--venue", "eu")]
)
def test_arguments_that_make_no_sense_are_a_usage_error(arguments):
    code, said = refused(*arguments)
    assert code == 2
    assert arguments[-2] in said


def test_it_replays_a_recording():
    recording = shared(RECORDING)
    origin = f"{1_786_309_550_000}@{time.time_ns() // 1_000_000}x1"
    with simulator("--record", str(recording), clock=origin) as (_, facts):
        frame = asyncio.run(first_trades(facts))
        assert frame["timestamp"] == "2026-08-09T21:05:48.228568804Z"
        assert frame["events"][0]["trades"][0]["trade_id"] == "1068572090"


def refused(*arguments: str, clock: str = "") -> tuple[int, str]:
    environment = os.environ | {"LIVERMORE_CLOCK": clock}
    done = subprocess.run(
        command(*arguments),
        check=False,
        env=environment,
        text=True,
        capture_output=True,
        timeout=20,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_a_port_that_is_taken_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("--port", str(port)) == (69, f"cannot listen on 127.0.0.1:{port}: Address already in use\n")


def test_a_port_that_does_not_exist_is_a_usage_error():
    code, said = refused("--port", "65536")
    assert code == 2
    assert "argument --port: invalid port value: '65536'" in said


def test_a_recording_that_cannot_be_read_is_said_in_a_sentence(tmp_path):
    missing = tmp_path / "missing.jsonl"
    assert refused("--record", str(missing)) == (
        66,
        f"the recording {missing} cannot be read: No such file or directory\n",
    )


def test_a_clock_that_cannot_be_read_is_said_in_a_sentence():
    code, said = refused(clock="tomorrow")
    assert code == 78
    assert said == "LIVERMORE_CLOCK is MARKET_MS@WALL_MSxSPEED with a speed up to 10, not 'tomorrow'\n"


def test_a_market_does_not_depend_on_the_process_that_computes_it():
    program = (
        "from livermore.simulator.market import Market; from livermore.market.timeframe import Timeframe as T;"
        f"print(Market(9).candles('ETH-USD', T.H1, {NOW} - 10**8, {NOW}, {NOW}), Market(9).ticker('SLP-USD', {NOW}))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    market = Market(9)
    here = market.candles("ETH-USD", Timeframe.H1, NOW - 10**8, NOW, NOW)
    assert said == {f"{here} {market.ticker('SLP-USD', NOW)}\n"}
