"""A front that really listens, over a real Valkey and a real SQLite, in a thread of its own; and clients for it."""

import asyncio
import http.client
import json
import re
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml
from tornado.httpclient import HTTPRequest
from tornado.netutil import bind_sockets
from tornado.websocket import WebSocketClientConnection, websocket_connect

from livermore.explaining.gathering import explain
from livermore.http.bounds import Bounds
from livermore.http.front import Front
from livermore.http.options import FrontOptions
from livermore.http.route import PUBLIC as ROOT
from livermore.http.service import Service
from livermore.http.stream_forms import FORMS
from livermore.market.alert import Alert
from livermore.market.candle import Candle, Series
from livermore.market.ticker import Ticker
from livermore.store import alert_history, alerts, api_keys, candles, fence, lease, signals, symbols, ticks
from livermore.store.candles import Known, Write
from livermore.store.keys import Keys
from livermore.store.query import command
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.schema import READER
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.signals import Record
from livermore.store.sql import Database
from livermore.store.status import Origin, Status
from tests.support.clocks import ManualClock
from tests.support.leases import leased, owner

T = TypeVar("T")
TREE_FILE = Path(__file__).parents[2] / "supervisors.yaml"


def served(mode: str) -> tuple[str, ...]:
    """The words of the front's routes in a mode of the tree file that is shipped."""
    tree = yaml.safe_load(TREE_FILE.read_text(encoding="utf-8"))["modes"][mode]
    (front,) = [child for child in tree["children"] if child["id"] == "http_front"]
    return tuple(front["args"]["routes"])


PUBLIC, EXCHANGE = served("pw-host"), served("exchange")
TOKEN = "correct-horse-battery-staple"
PATIENCE = 10.0
"""Seconds that anything may take before a test gives up."""
SYMBOLS = ["BTC-USD", "ETH-USD"]
TREE = {
    "path": "exchange", "id": "exchange", "state": "up", "children": [
        {"path": "exchange/http_front", "id": "http_front", "state": "up", "children": []},
        {"path": "exchange/notifier", "id": "notifier", "state": "up", "children": []},
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a server has answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class Stream:
    """A WebSocket client, as one uses it in a test: one thing after the other."""

    def __init__(
        self, connection: WebSocketClientConnection, run: "Callable[[Coroutine[Any, Any, Any]], Any]", *, public: bool
    ) -> None:
        """``public``: whether everything that comes has to fit its documented form."""
        self.connection, self._run, self._public, self.over = connection, run, public, False

    def send(self, **message: Any) -> None:
        """Send a message."""
        self.send_text(json.dumps(message))

    def send_text(self, text: str | bytes) -> None:
        """Send anything."""

        async def write() -> None:
            await self.connection.write_message(text, binary=isinstance(text, bytes))

        self._run(write())

    def next(self) -> Any:
        """The next message, whatever it is; None where the server has closed."""

        async def read() -> Any:
            return await self.connection.read_message()

        text = None if self.over else self._run(read())
        self.over = text is None
        found = None if text is None else json.loads(text)
        if found is not None and self._public:
            FORMS[found["type"]].model_validate(found, strict=True)
        return found

    def expect(self, kind: str) -> Any:
        """The next message, which has to be of this kind."""
        found = self.next()
        assert found is not None, f"closed with {self.connection.close_code} {self.connection.close_reason}"
        assert found["type"] == kind, found
        return found

    def until(self, kind: str) -> Any:
        """The next message of this kind."""
        while (found := self.next()) is not None:
            if found["type"] == kind:
                return found
        raise AssertionError(f"closed with {self.connection.close_code} before {kind}")

    def closed(self) -> tuple[int | None, str | None]:
        """Wait for the close; code and reason."""
        while self.next() is not None:
            pass
        return self.connection.close_code, self.connection.close_reason

    def subscribe(self, *channels: str, **more: Any) -> Any:
        """Subscribe, and give the confirmation."""
        self.send(action="subscribe", channels=list(channels), **more)
        return self.until("subscribed")

    def close(self) -> None:
        """Hang up."""

        async def hang_up() -> None:
            self.connection.close()

        self._run(hang_up())


class World:
    """Everything at once. The clock stands still until it is told to go on."""

    def __init__(self, redis: RedisPlace, database: DatabasePlace, options: FrontOptions, bounds: Bounds) -> None:
        self.redis, self.database, self.clock = RedisStore(redis), Database(database, READER), ManualClock()
        self.keys = Keys(1)
        self.lease = leased(self.redis)
        self.begin(simulated=False)
        self.key = self.database.run(lambda c: api_keys.create(c, "test", self.clock.wall()))
        self.tree: Callable[[], Mapping[str, Any]] = lambda: TREE
        self._places, self._options, self._bounds = (redis, database), options, bounds
        self._streams: list[Stream] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="front", daemon=True)
        self._thread.start()
        self.sockets = bind_sockets(0, "127.0.0.1")
        self.port: int = self.sockets[0].getsockname()[1]
        self.run(self._start())

    async def _start(self) -> None:
        redis, database = self._places
        self.front = Front(
            options=self._options,
            mode="",
            clock=self.clock,
            redis=AsyncRedisStore(redis),
            follower=AsyncRedisStore(redis, blocking=1.0),
            database=Database(database, READER),
            tree=lambda: self.tree(),  # noqa: PLW0108 - tests put another in its place
            explain=self._explain,
            bounds=self._bounds,
        )
        self._keep_in_mind_that_keys_are_heard()
        self.service = Service(self.front, self.sockets)
        await self.service.start()
        self.running = asyncio.ensure_future(self.service.run())

    def _keep_in_mind_that_keys_are_heard(self) -> None:
        expire, self.hears = self.front.keyring.expire, threading.Event()

        def begun() -> None:
            expire()
            self.hears.set()

        self.front.keyring.expire = begun

    async def _explain(self, alert_id: str) -> Mapping[str, Any] | None:
        found = await explain(self.front.redis, self.front.database, alert_id)
        return None if found is None else msgspec.to_builtins(found)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the front's loop."""
        task: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return task.result(PATIENCE)

    def stop(self) -> None:
        """The planned stop of the service alone."""

        async def stopped() -> None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
            await self.service.close()

        self.run(stopped())

    def restart(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """A planned stop, and another front at the same address; ``meanwhile`` there is none."""
        self.stop()
        self.run(self._close_stores())
        meanwhile()
        self.run(self._start())

    def cut(self) -> None:
        """Break every stream, without a word."""

        async def broken() -> None:
            for stream in list(self.front.guests.streams):
                if stream.ws_connection is not None and stream.ws_connection.stream is not None:
                    stream.ws_connection.stream.close()

        self.run(broken())

    def close(self) -> None:
        """End everything."""
        for stream in self._streams:
            stream.close()
            stream.closed()
        self.stop()
        self.run(self._close_stores())
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()
        for one in self.sockets:
            one.close()
        self.redis.close()
        self.database.close()

    async def _close_stores(self) -> None:
        await self.front.redis.close()
        await self.front.follower.close()
        self.front.database.close()

    # what a client does

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        key: str | None = "",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """One request on a connection of its own; ``key``: the world's own where it is empty, none where it is None."""
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("X-API-Key", key or self.key)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers=sent)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **query: object) -> Any:
        """The JSON of a public route, which has to answer 200."""
        words = "&".join(f"{name}={value}" for name, value in query.items())
        answer = self.ask(f"/public/v1{path}" + (f"?{words}" if words else ""))
        assert answer.status == 200, answer.body
        return answer.json()

    def admin(self, path: str, /, *, method: str = "GET", status: int = 200, **body: object) -> Any:
        """The JSON of an admin route, which has to answer with this status; ``body``: the members of what is sent."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        sent = json.dumps(body).encode() if body else None
        answer = self.ask(f"/admin/v1{path}", method=method, key=None, headers=headers, body=sent)
        assert answer.status == status, answer.body
        return answer.json()

    def connect(self, path: str = "/public/v1/stream", *, key: str | None = "", origin: str | None = None) -> Stream:
        """A stream whose handshake is done."""
        headers = {"X-API-Key": key or self.key} if key is not None else {}
        headers |= {"Origin": origin} if origin else {}

        async def connected() -> WebSocketClientConnection:
            return await websocket_connect(HTTPRequest(f"ws://127.0.0.1:{self.port}{path}", headers=headers))

        stream = Stream(self.run(connected()), self.run, public=path.startswith(ROOT))
        self._streams.append(stream)
        return stream

    def stream(self, **named: Any) -> Stream:
        """A stream that is welcome, and a front that follows the events."""
        self.followed()
        stream = self.connect(**named)
        stream.expect("welcome")
        return stream

    def followed(self) -> None:
        """Wait until the front knows its place in the event stream."""
        wait_until(lambda: "coinbase" in self.front.hub.places, "the event follower")

    def hears_of_keys(self) -> None:
        """Wait until the front hears which keys are revoked."""
        assert self.hears.wait(PATIENCE), "waited in vain for the key follower"

    def heard(self) -> None:
        """Wait until the front listens to ticks."""
        listeners = command("PUBSUB", "NUMSUB", self.keys.ticks, read=lambda told: int(told[1]))
        wait_until(lambda: self.redis.run(listeners) > 0, "the tick follower")

    def commands(self) -> dict[str, int]:
        """How often Redis has been sent each command."""
        lines = self.redis.run(command("INFO", "commandstats", read=lambda told: told.decode().splitlines()))
        found = (re.match(r"cmdstat_([a-z|]+):calls=(\d+)", line) for line in lines)
        return {parts[1]: int(parts[2]) for parts in found if parts}

    # what a pipeline does

    def watch(self, *watched: str) -> None:
        """Choose symbols."""
        self.redis.run(symbols.write(self.lease, list(watched) or SYMBOLS))

    def store(self, *written: Candle, known: Sequence[Known] = (), news: bool = True, history: int = 1000) -> list[int]:
        """Close candles."""
        return self.redis.run(candles.write(self.lease, Write(written, known, news), history))

    def known(self, series: Series, first: int, last: int) -> None:
        """Everything between these open times (ms) is known, by REST."""
        self.store(known=[Known(series, first, last, rest=True, anew=True)])

    def signal(self, series: Series, timestamp: int, **changes: Any) -> None:
        """Compute a signal."""
        full = {**RECORD, "timestamp": timestamp, "symbol": series.symbol, "timeframe": series.timeframe, **changes}
        value = full["value"]
        self.trail(series, "macd-v", {timestamp: (value["macdV"], value["signal"])}, full)

    def trail(
        self, series: Series, kind: str, points: Mapping[int, Sequence[float | None]], full: Mapping[str, Any]
    ) -> None:
        """Store an indicator's record, and points that are drawn: value and signal line by open time (ms)."""
        drawn = {at: msgspec.json.encode([at, *point]) for at, point in points.items()}
        told = kind == "macd-v"
        self.redis.run(signals.write(self.lease, kind, [Record(series, full, drawn)], 60_000, told=told))

    def alert(self, one: Alert) -> None:
        """Raise an alert: into the event stream, and into SQL."""
        state = self.redis.run(alerts.state(self.keys))
        assert self.redis.run(alerts.move(self.lease, state.place, f"{len(one.id)}-{one.triggered_at}", {}, [one]))
        self.database.run(partial(alert_history.record, exchange_id=self.keys.exchange_id, alert=one))

    def tick(self, *tickers: Ticker, forming: Sequence[Candle] = ()) -> None:
        """Tell tickers and forming candles."""
        self.redis.run(ticks.write(self.lease, tickers, forming, 60_000))

    def report(self, state: str = "active") -> None:
        """Say how the pipeline is."""
        said = replace_state(state, self.keys.exchange_id, self.lease.exchange)
        self.redis.run(lease.keep(self.lease, 60_000, msgspec.json.encode(said)))

    def begin(self, *, simulated: bool) -> None:
        """Say whether the data are made up, as a pipeline does before it writes anything."""
        self.redis.run(fence.put(self.lease, self.keys.schema, msgspec.json.encode(Origin(1, simulated))))
        self.clock.advance(2)  # what the front remembers of it is old

    def beside(self, exchange: str = "binance", exchange_id: int = 2) -> "World":
        """The same world, seen by the pipeline of another exchange, which has begun."""
        other = copy(self)
        other.keys, other.lease = Keys(exchange_id), lease.Lease(exchange, exchange_id, owner())
        assert self.redis.run(lease.claim(other.lease, 60_000)) is None
        other.begin(simulated=False)
        return other


RECORD: dict[str, Any] = {
    "type": "macd-v",
    "close": "101.5",
    "revision": 0,
    "rebased": False,
    "value": {"macdV": 92.5, "signal": 80.25, "histogram": 12.25, "fastEMA": 1.5, "slowEMA": 1.25, "atr": 0.5},
    "params": {"stage": "rallying", "liquidity": "high", "gapRatio": 0.0, "seeded": True},
    "validity": {"ready": True, "bars_used": 300, "observed_bars": 300, "residual_bound": 0.001, "reason": None},
}


def replace_state(state: str, exchange_id: int = 1, exchange: str = "coinbase") -> Status:
    """A status of an exchange."""
    at = "2023-11-14T22:13:20.000Z"
    return Status(exchange_id, exchange, "elsewhere", 1, state, 2, at, at, at)


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Look again and again."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE / 0.005)):
        if holds():
            return
        waiting.wait(0.005)
    raise AssertionError(f"waited in vain for {what}")


@contextmanager
def a_world(redis: RedisPlace, database: DatabasePlace, bounds: Bounds, **options: Any) -> Iterator[World]:
    """A world for as long as the block runs."""
    world = World(redis, database, FrontOptions.model_validate({"routes": PUBLIC} | options), bounds)
    try:
        yield world
    finally:
        world.close()
