"""A public host under load while its SQL server is killed, hangs and is restarted: what clients were answered."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import NamedTuple

from livermore.http.bounds import Bounds
from livermore.store import api_keys
from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import Database, make_engine
from tests.http.test_lists import alert, list_products
from tests.http.world import a_world
from tests.support.candles import BTC, T0, candle
from tests.support.mariadb import MariaDB, mariadb
from tests.support.processes import ROOT, Livermore, until
from tests.support.valkey import valkey

CLIENTS, CALM = 6, 2
"""How many ask, and how many of them only for what needs no SQL."""
PATIENCE = 20.0
"""Seconds after which a client gives up."""
PAUSE = 0.02
"""Seconds between two requests of a client."""
BACK = 6.0
"""Seconds after which all has to be served again once the server is back."""
WAIT = 8.0
"""Seconds after which nobody may be refused: 6 for the server, and what a busy machine adds."""

CACHED = {
    "candles": f"/candles/coinbase/BTC-USD/{BTC.timeframe}?limit=50",
    "signals": "/signals/coinbase/BTC-USD",
}
"""What needs no SQL, for a key that is known."""
PATHS = CACHED | {
    "exchanges": "/exchanges",
    "symbols": "/symbols?limit=20",
    "alerts": "/alerts?limit=20",
    "new key": CACHED["candles"],
}


class Told(NamedTuple):
    """One answer: what was asked, during which fault, its status, and how many seconds it took."""

    kind: str
    during: str
    status: int
    retry_after: int
    took: float


def _connection(host: Livermore, address: str = "127.0.0.1") -> http.client.HTTPConnection:
    """From one of the addresses of this machine."""
    return http.client.HTTPConnection("127.0.0.1", host.port, timeout=PATIENCE, source_address=(address, 0))


class Client(threading.Thread):
    """Asks one thing after the other, by chance."""

    def __init__(self, load: "Load", number: int) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self._load, self._chance = load, Random(f"{load.seed} {number}")
        self._key, self._kinds = load.known[number], list(CACHED if number < CALM else PATHS)
        self.told: list[Told] = []
        self.failures: list[str] = []

    def run(self) -> None:
        """Until the load ends."""
        connection = _connection(self._load.host)
        while not self._load.over.wait(PAUSE):
            kind = self._chance.choice(self._kinds)
            try:
                self.told.append(self._load.ask(connection, kind, self._key))
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{kind} during {self._load.fault}: {error!r}")
                connection.close()
        connection.close()


class Load:
    """Clients of a host, and the faults of its SQL server."""

    def __init__(self, host: Livermore, server: MariaDB, known: list[str], new: Iterator[str], seed: int) -> None:
        self.host, self.server, self.known, self.seed = host, server, known, seed
        self._new, self._lock = enumerate(new), threading.Lock()
        self.over, self.fault = threading.Event(), "none"
        self.back: dict[str, list[float]] = {}
        self.clients = [Client(self, number) for number in range(CLIENTS)]

    def ask(self, connection: http.client.HTTPConnection, kind: str, key: str) -> Told:
        """One request; ``kind``: a word of `PATHS`. A new key was never shown before, and comes from a new address."""
        if kind == "new key":
            with self._lock:
                number, key = next(self._new)
            with closing(_connection(self.host, f"127.1.{number // 250}.{number % 250 + 1}")) as own:
                return self._ask(own, kind, key)
        return self._ask(connection, kind, key)

    def _ask(self, connection: http.client.HTTPConnection, kind: str, key: str) -> Told:
        during, begun = self.fault, time.monotonic()
        connection.request("GET", f"/public/v1{PATHS[kind]}", headers={"X-API-Key": key})
        answer = connection.getresponse()
        answer.read()
        after = int(answer.getheader("Retry-After", "0"))
        return Told(kind, during, answer.status, after, time.monotonic() - begun)

    def run(self, faults: list[tuple[str, float]]) -> None:
        """Load while one fault after the other is made; with each, for how many seconds it lasts."""
        self._warm()
        for client in self.clients:
            client.start()
        try:
            for fault, seconds in faults:
                self._suffer(fault, seconds)
        finally:
            self.over.set()
            for client in self.clients:
                client.join(2 * PATIENCE)

    def _warm(self) -> None:
        """Let the host know the keys of all clients."""
        connection = _connection(self.host)
        for key, kind in product(self.known, CACHED):
            assert self.ask(connection, kind, key).status == 200
        connection.close()

    def _suffer(self, fault: str, seconds: float) -> None:
        begin, end = _FAULTS[fault]
        self.fault = fault
        begin(self.server)
        try:
            self.over.wait(seconds)
        finally:
            end(self.server)
        self.fault = "none"
        self.back.setdefault(fault, []).append(self._served())
        self.over.wait(0.5)

    def _served(self) -> float:
        """Wait until everything is served; gives the seconds that took."""
        begun = time.monotonic()
        connection = _connection(self.host)
        for kind in PATHS:
            until(lambda kind=kind: self.ask(connection, kind, self.known[0]).status == 200, f"{kind} again", BACK)  # type: ignore[misc]
        connection.close()
        return time.monotonic() - begun

    # -- what came of it

    @property
    def told(self) -> list[Told]:
        """All answers."""
        return [one for client in self.clients for one in client.told]

    def faults_of_the_host(self) -> list[str]:
        """Everything that should not have been answered."""
        found = [failure for client in self.clients for failure in client.failures]
        for one in self.told:
            if one.status not in {200, 503} or (one.status == 503 and one.retry_after < 1):
                found.append(f"not as promised: {one}")
            elif one.kind in CACHED and one.status != 200:
                found.append(f"refused though it needs no SQL: {one}")
            elif one.took > WAIT:
                found.append(f"took too long: {one}")
        return found

    def counts(self, fault: str) -> Counter[tuple[str, int]]:
        """How often each kind was given each status during a fault."""
        return Counter((one.kind, one.status) for one in self.told if one.during == fault)

    def longest(self, fault: str, *kinds: str) -> float:
        """The seconds that the slowest answer took."""
        return max((one.took for one in self.told if one.during == fault and one.kind in kinds), default=0.0)


def _restart(server: MariaDB) -> None:
    server.kill()
    server.start()


_FAULTS: dict[str, tuple[Callable[[MariaDB], None], Callable[[MariaDB], None]]] = {
    "killed": (MariaDB.kill, MariaDB.start),
    "hung": (MariaDB.freeze, MariaDB.thaw),
    "restarted": (_restart, lambda _: None),
}


class Stage(NamedTuple):
    """Servers with data of every kind, the keys that clients keep, and new ones."""

    redis: RedisPlace
    database: DatabasePlace
    server: MariaDB
    known: list[str]
    new: list[str]


@contextmanager
def stage(most_keys: int = 3000) -> Iterator[Stage]:
    """Servers for as long as the block runs; ``most_keys``: how many new keys clients may show."""
    with valkey() as redis, mariadb() as server:
        place = server.database()
        engine = make_engine(place)
        upgrade(engine)
        engine.dispose()
        yield Stage(redis.place, place, server, *_prepare(redis.place, place, most_keys))


@contextmanager
def started(folder: Path, on: Stage) -> Iterator[Livermore]:
    """A public host on these servers, whether they answer or not."""
    stores = {"LIVERMORE_REDIS_URL": on.redis.full_url, "DATABASE_URL": on.database.full_url}
    host = Livermore("pw-host", folder, stores, program=ROOT / "tests/chaos/hasty.py")
    try:
        yield host
    finally:
        host.end()


@contextmanager
def sql_load(folder: Path, seed: int, most_keys: int = 3000) -> Iterator[Load]:
    """A host that is well, and clients for it."""
    with stage(most_keys) as on, started(folder, on) as host:
        host.wait_until_ok()
        yield Load(host, on.server, on.known, iter(on.new), seed)


def _prepare(redis: RedisPlace, place: DatabasePlace, most_keys: int) -> tuple[list[str], list[str]]:
    """Data of every kind, and keys: those that clients keep, and new ones."""
    with a_world(redis, place, Bounds()) as world:
        world.watch()
        list_products(world, 40)
        world.watch()
        world.store(*(candle(n) for n in range(60)))
        world.signal(BTC, T0 + 59 * 60_000)
        for number in range(20):
            world.alert(alert(number))
    database, keys = Database(place), [api_keys.generate() for _ in range(CLIENTS + most_keys)]
    for some in range(0, len(keys), 500):
        database.run(partial(_enter, keys=keys[some : some + 500]))
    database.close()
    return keys[:CLIENTS], keys[CLIENTS:]


def _enter(connection: object, keys: list[str]) -> None:
    for key in keys:
        api_keys.create(connection, "load", 0, key=key, requests_per_minute=1_000_000)  # type: ignore[arg-type]
