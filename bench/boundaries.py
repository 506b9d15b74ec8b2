"""From the exchange's boundary to the event on a client's stream: 100 symbols on six timeframes, at midnight (T9)."""

import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import redis.asyncio
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from bench.answers import p99
from bench.harness import Result
from bench.server import server
from livermore.clock import AffineClock
from livermore.exchanges.coinbase import Codec
from livermore.market.instant import parse_iso
from livermore.market.timeframe import Timeframe
from livermore.store.settings import DatabasePlace, RedisPlace
from tests.support.processes import Exchange, Livermore
from tests.support.site import Site, make_site

SYMBOLS = 100
MIDNIGHT = 1_789_948_800_000
BEFORE, AFTER = 230, 20
"""Seconds before midnight at which the market begins, so that it is warm by then, and after it that are heard."""
ECHO_EVERY = 0.1


class Heard(NamedTuple):
    """Seconds after its boundary at which each close came, and seconds that each echo took."""

    closes: dict[str, list[float]]
    echoes: list[float]


def results() -> Iterator[Result]:
    """All targets."""
    with running(SYMBOLS) as (site, place, pipeline):
        heard = asyncio.run(listen(site, place, pipeline.port))
        learnt = pipeline.metric('livermore_feed_grace_seconds{exchange="coinbase"}')
    if set(heard.closes) != set(map(str, Timeframe)):
        raise AssertionError(f"closes of {', '.join(heard.closes)} only: the market was not warm by midnight")
    took = [one for some in heard.closes.values() for one in some]
    each = ", ".join(f"{name} {p99(some):.2f}" for name, some in heard.closes.items())
    detail = (
        f"p99 {p99(took):.2f} s, median {statistics.median(took):.2f}, most {max(took):.2f}, of {len(took)} closes "
        f"({each}); grace {Codec.grace:g} s, {learnt:g} as measured; echo p99 {1000 * p99(heard.echoes):.1f} ms"
    )
    beyond = p99(took) - Codec.grace
    yield Result(f"T9 closes of {SYMBOLS} symbols, p99 after the grace", beyond, 0.3, 1, "s", most=True, detail=detail)


@contextmanager
def running(symbols: int) -> Iterator[tuple[Site, RedisPlace, Livermore]]:
    """The simulated exchange and exchange mode, warm, in processes that may run on any CPU."""
    folder, allowed = Path(tempfile.mkdtemp(prefix="lvm-bench-")), os.sched_getaffinity(0)
    try:
        with server() as place:
            os.sched_setaffinity(0, allowed)
            database = DatabasePlace(url=f"sqlite:///{folder / 'livermore.db'}")
            site = make_site(folder, place, database, speed=1, start=MIDNIGHT - BEFORE * 1000)
            exchange = Exchange(folder, site.clock, options=("--symbols", str(symbols)))
            pipeline = Livermore("exchange", folder, site.variables | exchange.variables())
            try:
                pipeline.wait_until_ok(within=BEFORE)
                yield site, place, pipeline
            finally:
                pipeline.end()
                exchange.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def listen(site: Site, place: RedisPlace, port: int) -> Heard:
    """Until some time after midnight."""
    clock, told = AffineClock.from_text(site.clock), list[tuple[int, str | bytes]]()
    since, until = clock.now(), MIDNIGHT + AFTER * 1000
    request = HTTPRequest(f"ws://127.0.0.1:{port}/public/v1/stream", headers={"X-API-Key": site.key})
    socket = await websocket_connect(request)
    await socket.write_message('{"action":"subscribe","channels":["candles:*:*"]}')
    echoing = asyncio.ensure_future(echo(place, (until - since) / 1000))
    with suppress(TimeoutError):
        async with asyncio.timeout((until - since) / 1000):
            while (text := await socket.read_message()) is not None:
                told.append((clock.now(), text))
    socket.close()
    return Heard(_delays(told, since), await echoing)


def _delays(told: Sequence[tuple[int, str | bytes]], since: int) -> dict[str, list[float]]:
    """Of the closes whose boundary came after ``since`` (ms of market time), by timeframe."""
    found: dict[str, list[float]] = {}
    for at, text in told:
        frame = json.loads(text)
        if frame["type"] == "candle_close":
            timeframe = Timeframe(frame["data"]["timeframe"])
            boundary = parse_iso(frame["data"]["timestamp"]) + timeframe.ms
            if boundary > since:
                found.setdefault(str(timeframe), []).append((at - boundary) / 1000)
    return found


async def echo(place: RedisPlace, seconds: float) -> list[float]:
    """How long each of some entries of a stream takes through the same Redis to a reader who waits for it."""
    found = list[float]()
    async with (
        redis.asyncio.Redis.from_url(place.full_url) as writer,
        redis.asyncio.Redis.from_url(place.full_url, socket_timeout=seconds) as reader,
    ):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reading = asyncio.ensure_future(reader.xread({"bench:echo": "$"}, block=1_000))
            await asyncio.sleep(ECHO_EVERY)
            begun = time.perf_counter()
            await writer.xadd("bench:echo", {"x": "x"}, maxlen=100)
            await reading
            found.append(time.perf_counter() - begun)
    return found


TARGETS = {"T9": results}
