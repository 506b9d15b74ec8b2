"""Many clients between two fronts behind proxies, which are cut off and restarted: each is to hear every event once.

Every other one is `livermore.client`.
"""

import asyncio
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from livermore.market.candle import Candle, Series
from livermore.market.timeframe import Timeframe
from livermore.store import alerts, api_keys, candles, events, fence, signals
from livermore.store.candles import Write
from livermore.store.lease import Lease
from livermore.store.query import Query
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.signals import Record
from livermore.store.sql import Database
from livermore.store.status import Origin
from tests.chaos.follower import Follower
from tests.chaos.listener import Listener
from tests.chaos.proxy import Proxy
from tests.http.test_lists import alert
from tests.http.world import RECORD
from tests.support.candles import candle
from tests.support.leases import KEYS, leased
from tests.support.processes import Livermore, nodes, until
from tests.support.site import make_site

A_KEY = 2
"""Clients that share a key."""
PATIENCE = 60.0
PAUSE = 0.02
"""Seconds between two batches of events."""
LEASE_MS = 3_600_000


class Heard(NamedTuple):
    """What came of it: how many events there were, and how often a client was cut off."""

    events: int
    cuts: int


class Resuming:
    """To be run once. ``clients`` listen while so many ``cuts`` and three restarts happen."""

    def __init__(self, folder: Path, redis: RedisPlace, database: DatabasePlace, seed: int) -> None:
        self._folder, self._redis, self._database, self._seed = folder, redis, database, seed
        self._luck = random.Random(seed)
        self._ended = threading.Event()

    def run(self, clients: int, cuts: int) -> Heard:
        """Have it all happen, and compare."""
        with ExitStack() as stack:
            self._store = RedisStore(self._redis)
            stack.callback(self._store.close)
            self._site = make_site(self._folder, self._redis, self._database, speed=1)
            self._lease = leased(self._store, ttl_ms=LEASE_MS)
            self._store.run(fence.put(self._lease, KEYS.schema, msgspec.json.encode(Origin(1, simulated=False))))
            for query in self._batch(1):
                self._store.run(query)  # before the first event there is no place to resume from
            self._fronts = [Livermore("pw-host", self._folder, self._site.variables, hooks=True) for _ in range(2)]
            stack.callback(lambda: [front.end() for front in self._fronts])
            for front in self._fronts:
                front.wait_until_ok()
            self._proxies = [stack.enter_context(Proxy(("127.0.0.1", front.port))) for front in self._fronts]
            ports = [proxy.port for proxy in self._proxies]
            keys = self._make_keys(-(-clients // A_KEY))
            kinds = [(Listener, Follower)[i % 2] for i in range(clients)]
            self._listeners = [
                kind(ports, keys[i // A_KEY], random.Random(self._luck.random())) for i, kind in enumerate(kinds)
            ]
            return asyncio.run(self._happen(cuts))

    def _make_keys(self, count: int) -> list[str]:
        database = Database(self._database)
        made = [database.run(lambda c: api_keys.create(c, "listener", 0)) for _ in range(count)]
        database.close()
        return made

    async def _happen(self, cuts: int) -> Heard:
        listening = [asyncio.ensure_future(one.run()) for one in self._listeners]
        await self._until(lambda: all(one.connections for one in self._listeners), "everybody to listen")
        writing = asyncio.ensure_future(asyncio.to_thread(self._write))
        try:
            await self._have_trouble(cuts)
        finally:
            self._ended.set()
            await writing
        wanted = self._wanted()
        await self._until(lambda: all(one.ids[-1:] == wanted[-1:] for one in self._listeners), "the last event")
        for task in listening:
            task.cancel()
        endings = await asyncio.gather(*listening, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in endings), endings
        self._compare(wanted)
        return Heard(len(wanted), sum(one.connections - 1 for one in self._listeners))

    async def _have_trouble(self, cuts: int) -> None:
        restarts = dict(zip([cuts // 4, cuts // 2, 3 * cuts // 4], self._restarts(), strict=True))
        for number in range(cuts):
            await asyncio.sleep(self._luck.uniform(0, 0.1))  # at any moment: there is nothing to wait for
            await self._cut()
            if number in restarts:
                await asyncio.to_thread(restarts[number])

    async def _cut(self) -> None:
        """One client goes, or, one time in ten, everybody on one of the proxies is cut off in the middle of a frame."""
        if self._luck.random() < 0.1:
            proxy = self._luck.choice(self._proxies)
            await asyncio.to_thread(self._luck.choice([proxy.reset_all, proxy.close_all]))
            return
        await self._until(lambda: self._luck.choice(self._listeners).hang_up(), "somebody to cut off")

    def _restarts(self) -> list[Callable[[], None]]:
        return [partial(self._restart, 0, signal.SIGTERM), partial(self._restart, 1, signal.SIGKILL), self._break]

    def _restart(self, which: int, number: signal.Signals) -> None:
        """The process is ended, and another one takes its port."""
        before = self._fronts[which]
        before.send(number)
        before.wait()
        before.end()
        after = Livermore("pw-host", self._folder, self._site.variables, hooks=True, port=before.port)
        self._fronts[which] = after
        after.wait_until_ok()

    def _break(self) -> None:
        """The front's actor fails; its supervisor starts it again."""
        front = self._fronts[0]
        front.break_("http_front")
        until(lambda: _generation(front) > 1, "the front to restart")
        front.wait_until_ok()

    # -- what there is to hear

    def _write(self) -> None:
        number = 1
        while not self._ended.wait(PAUSE):
            number += 1
            for query in self._batch(number):
                self._store.run(query)

    def _batch(self, number: int) -> list[Query[object]]:
        """A few candles, now and then a correction, a signal and an alert."""
        told = [candle(number, str(number)), candle(number, str(number), series=_five("BTC-USD"))]
        told += [candle(number - 1, f"{number}.5")] if number % 5 == 0 else []
        batch: list[Query[object]] = [candles.write(self._lease, Write(told, (), news=True), 100_000)]
        if number % 3 == 0:
            batch.append(_signal(self._lease, told[0]))
        if number % 7 == 0:
            place = self._store.run(alerts.state(KEYS)).place
            batch.append(alerts.move(self._lease, place, f"{number}-0", {}, [alert(number)]))
        return batch

    def _wanted(self) -> list[str]:
        found = self._store.run(events.after(KEYS, events.START, 1_000_000))
        return [f"coinbase:{event.id}" for event in found]

    def _compare(self, wanted: list[str]) -> None:
        for number, one in enumerate(self._listeners):
            about = f"listener {number}, seed {self._seed}"
            assert one.wrong == [], about
            assert len(one.ids) == len(set(one.ids)), f"{about}: heard something twice"
            since = wanted[wanted.index(one.ids[0]) :]
            assert len(since) > len(wanted) * 0.9, f"{about}: it was there before the first event"
            assert one.ids == since, f"{about}: missed {sorted(set(since) - set(one.ids))[:5]}, or heard out of order"

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"waited in vain for {what} (seed {self._seed})"
            await asyncio.sleep(0.01)


def _generation(front: Livermore) -> int:
    return max((int(node["generation"]) for node in nodes(front.tree()) if node["id"] == "http_front"), default=0)


def _five(symbol: str) -> Series:
    return Series("coinbase", symbol, Timeframe.M5)


def _signal(lease: Lease, of: Candle) -> Query[int]:
    full = {**RECORD, "timestamp": of.open_time, "symbol": of.symbol, "timeframe": of.timeframe}
    return signals.write(lease, "macd-v", [Record(of.series, full, {})], LEASE_MS, told=True)
