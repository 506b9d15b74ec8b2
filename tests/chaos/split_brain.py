"""Split brain: instances of one exchange that hang, die, are cut off, lose Redis and see their clocks jump.

One writes at a time: what is written is read from the event stream as it comes, and its epochs never go back.
"""

import asyncio
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import redis

from livermore.clock import AffineClock
from livermore.errors import LivermoreError
from livermore.market.candle import Candle, Series
from livermore.market.cursor import Cursor
from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from livermore.store import asking, candles, instances, lease, symbols
from livermore.store.events import START, order
from livermore.store.instances import present
from livermore.store.keys import Keys
from livermore.store.lease import Owner
from livermore.store.query import Query
from livermore.store.redis import AsyncRedisStore, RedisStore
from tests.chaos.crossings import SETTLED, Scene, wrong
from tests.chaos.proxy import Proxy
from tests.chaos.real_day import with_schema
from tests.support.mariadb import mariadb
from tests.support.notices import alert_of, tells_of_an_alert
from tests.support.processes import ROOT, Exchange, Livermore, until, until_none
from tests.support.site import make_site
from tests.support.valkey import valkey

T = TypeVar("T")

SPEED = 10
TTL = 2.0
"""Wall seconds."""
HANDED, GONE, HUNG = 2.0, 5.0, TTL + 5.0
"""Wall seconds within which there is another owner: handed over, dead on this machine, and else."""
JUMP = 60_000
"""Ms that a clock jumps by, either way."""
KEYS = Keys(1)
CONTROL = "coinbase/control"
SHORTEST, LONGEST = 0.2, 1.5
HOUR = 3_600_000
QUIET = 10.0
PATIENCE = 120.0


class Lived(NamedTuple):
    """What is left of it: how often each thing happened, the epochs that wrote, and how long takeovers took (s)."""

    events: Counter[str]
    epochs: list[int]
    takeovers: dict[str, list[float]]
    alerts: int


class Watch:
    """Reads the event stream as it grows, on a thread of its own, and whatever becomes of it."""

    def __init__(self, socket: Path) -> None:
        self._socket, self._place, self._over = socket, START, threading.Event()
        self.epochs: list[int] = []
        self.faults: list[str] = []
        self.told: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join(10)

    def _read(self) -> None:
        while not self._over.wait(0.05):
            try:
                with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=1) as client:
                    self._follow(client)
            except redis.RedisError:
                continue  # it is away, or hangs: that is part of it

    def _follow(self, client: "redis.Redis") -> None:
        while not self._over.wait(0.05):
            newest = client.execute_command("XREVRANGE", KEYS.events, "+", "-", "COUNT", 1)
            if self._place != START and (not newest or order(newest[0][0].decode()) < order(self._place)):
                self._place = START  # Redis has come back with less, or nothing
                self.told.clear()  # what nobody may have heard of is told again, under the same id
            for id_, fields in client.execute_command("XRANGE", KEYS.events, f"({self._place}", "+") or ():
                self._place = id_.decode()
                self._judge(fields if isinstance(fields, dict) else dict(zip(fields[::2], fields[1::2], strict=True)))

    def _judge(self, fields: dict[bytes, bytes]) -> None:
        epoch = int(fields[b"epoch"])
        if not self.epochs or epoch != self.epochs[-1]:
            if self.epochs and epoch < self.epochs[-1]:
                self.faults.append(f"epoch {epoch} wrote after {self.epochs[-1]}")
            self.epochs.append(epoch)
        if fields[b"kind"] == b"alert":
            self.told[msgspec.json.decode(fields[b"data"])["id"]] += 1


class SplitBrain:
    """To be run once. ``told``: takes a line for people now and then."""

    def __init__(
        self, folder: Path, seed: int, count: int, listed: int, told: Callable[[str], None], slack: float = 0.0
    ) -> None:
        """``slack``: seconds that a takeover may take longer, where the machine has much else to do."""
        self._slack = slack
        self._folder, self._seed, self._count, self._told = folder, seed, count, told
        self._luck, self._instruments = random.Random(seed), made(listed)
        self._noticed: set[str] = set()
        self._takeovers: dict[str, list[float]] = {}
        self._instances: list[Livermore] = []

    def run(self) -> Lived:
        with valkey(persistent=True) as store, mariadb() as sql, ExitStack() as stack:
            self._store, self._database = store, with_schema(sql)
            site = make_site(self._folder, store.place, self._database, SPEED)
            self._clock, self._market = AffineClock.from_text(site.clock), Market(self._seed, self._instruments)
            options = ("--seed", str(self._seed), "--symbols", str(len(self._instruments)))
            self._exchange = Exchange(self._folder, site.clock, options=options)
            stack.callback(self._exchange.end)
            self._variables = site.variables | self._exchange.variables() | {"LIVERMORE_STANDBY": "true"}
            self._tree = _hasty(self._folder)
            stack.callback(lambda: [one.end() for one in self._instances])
            self._wires = [stack.enter_context(Proxy(store.socket)) for _ in range(2)]
            self._instances += [self._started(wire) for wire in self._wires]
            self._watch = Watch(store.socket)
            stack.callback(self._watch.close)
            until(self._owner, "an owner")
            self._instances[0].wait_until_ok()
            self._known_since = {one: self._cursor(one).since for one in self._series()}
            happened = Counter(self._happenings())
            until_none(self._wrong, f"all to be as if nothing had been (seed {self._seed})", PATIENCE, 1)
            return Lived(happened, self._watch.epochs, self._takeovers, len(self._noticed))

    def _started(self, wire: Proxy) -> Livermore:
        variables = self._variables | {"LIVERMORE_REDIS_URL": f"redis://127.0.0.1:{wire.port}/0"}
        return Livermore("exchange", self._folder, variables, hooks=True, tree=self._tree)

    # -- what happens

    def _happenings(self) -> Iterator[str]:
        names: list[str] = []
        for i in range(self._count):
            self._until_both_are_there()
            self._remember_notices()
            names = names or self._luck.sample(sorted(self._kinds()), k=len(self._kinds()))
            name = names.pop()
            time.sleep(self._luck.uniform(0.0, 0.5))  # at whatever moment
            self._kinds()[name]()
            self._told(f"{i + 1} of {self._count}: {name}, epochs {self._watch.epochs[-3:]}")
            assert not self._watch.faults, f"{self._watch.faults} (seed {self._seed})"
            yield name
        self._until_both_are_there()
        time.sleep(QUIET)

    def _kinds(self) -> Mapping[str, Callable[[], None]]:
        return {
            "the owner hangs": self._hang_owner,
            "the owner hangs for a moment": partial(self._hang, owner=True),
            "the standby hangs": partial(self._hang, owner=False),
            "the owner is cut off": self._cut_owner_off,
            "the standby is cut off": self._cut_standby_off,
            "the owner is killed": self._kill_owner,
            "the standby is killed": self._kill_standby,
            "the owner's clock jumps": partial(self._jump, owner=True),
            "the standby's clock jumps": partial(self._jump, owner=False),
            "Redis is killed": self._restart_redis,
            "Redis comes back empty": self._empty_redis,
            "it is handed over": self._hand_over,
        }

    def _hang_owner(self) -> None:
        """Until another one has it; then the former owner wakes, and would write."""
        owner, epoch = self._process(owner=True), self._epoch()
        owner.send(signal.SIGSTOP)
        try:
            self._measure("hung", HUNG, epoch)
        finally:
            owner.send(signal.SIGCONT)

    def _hang(self, *, owner: bool) -> None:
        hung = self._process(owner=owner)
        hung.send(signal.SIGSTOP)
        time.sleep(self._luck.uniform(SHORTEST, LONGEST + 1.5 * TTL * (not owner)))
        hung.send(signal.SIGCONT)

    def _cut_owner_off(self) -> None:
        """Redis hears nothing of it until another one has the lease; then all that it has sent meanwhile arrives."""
        wire, epoch = self._wire(self._process(owner=True)), self._epoch()
        wire.set(lost=frozenset({"up", "down"}))
        try:
            self._measure("cut off", HUNG, epoch)
        finally:
            wire.heal()

    def _cut_standby_off(self) -> None:
        wire = self._wire(self._process(owner=False))
        wire.set(lost=frozenset({"up", "down"}))
        time.sleep(self._luck.uniform(SHORTEST, LONGEST + 1.5 * TTL))
        wire.heal()

    def _kill_owner(self) -> None:
        owner, epoch = self._process(owner=True), self._epoch()
        owner.popen.kill()
        self._measure("killed", GONE, epoch)
        self._replace(owner)

    def _kill_standby(self) -> None:
        self._replace(self._process(owner=False))

    def _replace(self, gone: Livermore) -> None:
        gone.kill()
        self._instances[self._instances.index(gone)] = self._started(self._wire(gone))

    def _jump(self, *, owner: bool) -> None:
        jumper, way = self._process(owner=owner), self._luck.choice([-1, 1])
        jumper.say(f"jump {way * JUMP}")
        time.sleep(self._luck.uniform(SHORTEST, LONGEST))
        jumper.say(f"jump {-way * JUMP}")

    def _restart_redis(self) -> None:
        self._store.kill()
        time.sleep(self._luck.uniform(SHORTEST, LONGEST))
        self._store.start()

    def _empty_redis(self) -> None:
        self._store.kill()
        self._store.forget()
        time.sleep(self._luck.uniform(SHORTEST, LONGEST))
        self._store.start()

    def _hand_over(self) -> None:
        """Planned: whoever carries commands out is there, and so is who stands by, or says that it is not yet."""
        owner = self._process(owner=True)
        until(lambda: owner.states().get(CONTROL) == "up", f"{CONTROL} to be up (seed {self._seed})")
        begun, epoch = time.monotonic(), self._epoch()
        while not self._is_handed_over():
            self._until_both_are_there()
            begun, epoch = time.monotonic(), self._epoch()
        self._measure("handed over", HANDED, epoch, begun)

    def _is_handed_over(self) -> bool:
        """Ask for it; False where it is refused."""

        async def ask() -> None:
            store = AsyncRedisStore(self._store.place)
            try:
                given = asking.made("handover", {}, AffineClock(), "a test")
                await asking.ask(store, KEYS, given)
            finally:
                await store.close()

        try:
            asyncio.run(ask())
        except LivermoreError as error:
            self._told(f"refused: {error}")
            return False
        return True

    def _measure(self, what: str, within: float, epoch: int, begun: float | None = None) -> None:
        """Wait for the next owner, which has to be there in time."""
        begun = begun or time.monotonic()
        until(lambda: self._epoch() > epoch, f"another owner, as this one is {what} (seed {self._seed})", within + 30)
        took = time.monotonic() - begun
        self._takeovers.setdefault(what, []).append(took)
        assert took <= within + self._slack, f"{what}: it took {took:.2f} s and may take {within} (seed {self._seed})"

    # -- who is who

    def _ask(self, query: Query[T]) -> T:
        store = RedisStore(self._store.place)
        try:
            return store.run(query)
        finally:
            store.close()

    def _owner(self) -> Owner | None:
        """Who holds the lease; nobody while Redis cannot say."""
        try:
            return self._ask(lease.holder(KEYS))
        except LivermoreError:
            return None

    def _epoch(self) -> int:
        owner = self._owner()
        return owner.epoch if owner is not None else 0

    def _process(self, *, owner: bool) -> Livermore:
        """The process that has the lease, or the other one."""
        holder = until(self._owner, "an owner")
        (found,) = [one for one in self._instances if (one.popen.pid == holder.pid) == owner]
        return found

    def _wire(self, instance: Livermore) -> Proxy:
        """What lies between it and Redis."""
        return self._wires[self._instances.index(instance)]

    def _until_both_are_there(self) -> None:
        """One that runs the pipeline, and one that stands by."""
        until(self._are_both_there, f"an active owner, and another instance that stands by (seed {self._seed})", 60)

    def _are_both_there(self) -> bool:
        for one in self._instances:
            assert one.popen.poll() is None, one.written()[-3000:]
        try:
            shown = present(self._ask(instances.listed(KEYS)), time.time_ns() // 1_000_000)
        except LivermoreError:
            return False
        pids, owner = {one.popen.pid for one in self._instances}, self._owner()
        phases = {one.phase: one for one in shown if one.pid in pids}
        return owner is not None and {*phases} == {"active", "standby"} and phases["active"].pid == owner.pid

    # -- what comes of it

    def _remember_notices(self) -> None:
        self._noticed |= {alert_of(one) for one in self._exchange.notices() if tells_of_an_alert(one)}

    def _wrong(self) -> list[str]:
        self._remember_notices()
        scene = self._scene()
        return [*self._watch.faults, *wrong(scene), *self._missing(scene)]

    def _missing(self, scene: Scene) -> Iterator[str]:
        """Candles that are not what was traded, or not there: of the last hour, and all that is said to be known."""
        for series in scene.series:
            first = min(self._cursor(series).since, series.timeframe.floor(scene.now - HOUR))
            held = {c.open_time: c for c in self._ask(candles.between(KEYS, series, first, scene.now))}
            for candle in scene.traded(series, first):
                here = held.get(candle.open_time)
                if candle.open_time + series.timeframe.ms < scene.now - SETTLED and not _same(here, candle):
                    yield f"{candle} is stored as {here}"

    def _scene(self) -> Scene:
        now = self._clock.now()
        return Scene(
            redis=self._store.place,
            database=self._database,
            keys=KEYS,
            series=self._series(),
            traded=lambda series, first: self._market.candles(
                series.symbol, series.timeframe, first, series.timeframe.last_closed(now), now
            ),
            noticed=Counter(self._noticed),
            now=now,
            told=self._watch.told,
            known_since=self._known_since,
        )

    def _series(self) -> list[Series]:
        watched = self._ask(symbols.read(KEYS))
        return [Series("coinbase", symbol, timeframe) for symbol in watched for timeframe in Timeframe]

    def _cursor(self, series: Series) -> Cursor:
        (found,) = self._ask(candles.cursors_of(KEYS, [series]))
        assert found is not None, f"{series} is not known"
        return found


def _same(held: Candle | None, traded: Candle) -> bool:
    return held is not None and msgspec.structs.replace(held, revision=0) == msgspec.structs.replace(traded, revision=0)


def _hasty(folder: Path) -> Path:
    """The shipped tree with a short lease, and people who can be told ten times as much a minute."""
    shipped, told = (ROOT / "supervisors.yaml").read_text(encoding="utf-8"), 'url: "${DISCORD_LIVERMORE_BOT}"\n'
    assert told in shipped
    assert "lease_ttl: 45s" in shipped
    tree = folder / "supervisors.yaml"
    hasty = shipped.replace(told, f"{told}{' ' * 24}per_minute: 300\n")
    hasty = hasty.replace("lease_ttl: 45s", f"lease_ttl: {TTL:g}s")
    tree.write_text(hasty, encoding="utf-8")
    return tree
