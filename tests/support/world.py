"""The virtual-time world: the real actors of exchange mode, unthreaded, between a simulated exchange and real stores.

An hour passes as fast as the machine can compute it, and the same seed gives the same run. Redis is a real server on a
Unix socket, SQL is SQLite; the exchange's WebSocket and REST are in memory, spoken in full. Nothing but the fake edge
is different from a real run.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import redis
from sqlalchemy import Connection, delete

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.net.interface import Response
from livermore.resources import Blueprint, Portable, Resources
from livermore.simulator.instruments import INSTRUMENTS, Instrument, made
from livermore.simulator.request import Request
from livermore.store.keys import Keys
from livermore.store.query import Query
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.registry import named
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database, make_engine
from livermore.store.tables import alert_history, directives, exchange_symbols, leases, positions, user_exchanges, users
from livermore.supervision.spec import NodeSpec, SupervisorSpec, actors
from livermore.tree_file import TreeFile
from tests.support.coinbase import Coinbase
from tests.support.dialect import Dialect
from tests.support.edited_market import EditedMarket
from tests.support.valkey import Valkey
from tests.support.virtual_loop import VirtualClock, VirtualLoop
from tests.support.virtual_process import OWNER, PAUSE, VirtualProcess
from tests.support.weather import Weather
from tests.support.world_network import WorldConnection, WorldNetwork

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
LOOK = 1.0
"""Virtual seconds between two looks of a command that waits for something in Redis; looks are most of an idle world."""


COINBASE = Coinbase()


class WorldStore(RedisStore):
    """Commands of workers, through the weather."""

    def __init__(self, world: "World") -> None:
        super().__init__(world.redis)
        self._client = _alone(self._client)
        self._world = world

    def run(self, query: Query[T]) -> T:
        self._world.weather.commands()
        answer = super().run(query)
        if query.script is not None:
            self._world.written()
        self._world.weather.replies()
        return answer


def _alone(pooled: "redis.Redis") -> "redis.Redis":
    """A client that has a connection to itself: all in a world is done by one thread, and commands are most of it."""
    alone = pooled.client()
    alone.response_callbacks, alone.auto_close_connection_pool = pooled.response_callbacks, True
    return alone


class WorldDatabase(Database):
    """Transactions, through the weather."""

    def __init__(self, world: "World") -> None:
        super().__init__(world.database)
        self._world = world

    def run(self, work: Callable[[Connection], T]) -> T:
        self._world.weather.queries()
        answer = super().run(work)
        self._world.weather.committed()
        return answer


class WorldRedis(AsyncRedisStore):
    """Commands of event loops, each carried out in one go. What would block waits in virtual time."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._store = WorldStore(world)

    async def run(self, query: Query[T]) -> T:
        await asyncio.sleep(0)  # let others in, as a real one would
        while self._world.weather.holds(OWNER.get()):
            await asyncio.sleep(PAUSE)
        return await self._waited(query) if "BLOCK" in query.words else self._store.run(query)

    async def run_all(self, queries: Sequence[Query[T]]) -> list[T]:
        return [await self.run(query) for query in queries]

    async def close(self) -> None:
        self._store.close()

    async def _waited(self, query: Query[T]) -> T:
        place = list(query.words).index("BLOCK")
        end = asyncio.get_running_loop().time() + float(query.words[place + 1]) / 1000
        once = Query([*query.words[:place], *query.words[place + 2 :]], query.read)
        while not (answer := self._store.run(once)) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(LOOK)
        return answer


class World:
    """One machine with one exchange. ``clock`` is the exchange's, ``own_clock`` the machine's, which may be wrong."""

    def __init__(
        self,
        seed: int,
        start: int,
        server: Valkey,
        database: DatabasePlace,
        *,
        dialect: Dialect = COINBASE,
        instruments: Sequence[Instrument] = (),
    ) -> None:
        """Make it.

        Args:
            seed: of its market.
            start: ms since the epoch, the moment at which the world begins.
            server: Redis.
            database: SQL.
            dialect: how the exchange speaks.
            instruments: others than the twelve that the exchange lists.
        """
        self.seed, self.dialect, self.start = seed, dialect, start
        self.loop = VirtualLoop()
        self.clock, self.own_clock = VirtualClock(self.loop, start), VirtualClock(self.loop, start)
        self.market = EditedMarket(seed, instruments or made(len(INSTRUMENTS), dialect.quote), dialect.name)
        self.server, self.redis, self.database = server, server.place, database
        self.rest = dialect.rest(self.market)
        self.weather = Weather()
        self.notices: list[Mapping[str, Any]] = []  # of alerts
        self.state_notices: list[Mapping[str, Any]] = []
        self.connections: set[WorldConnection] = set()
        self.connected = 0  # how many there have been
        self.refused = 0  # requests that were too many for the exchange
        self.epoch = 0  # grows when the exchange hangs up on everybody
        self.written: Callable[[], None] = _nothing
        """Called whenever a script has written something."""
        self.options: dict[str, dict[str, Any]] = {
            "symbol_source": {"refresh": 120.0},
            "notifier": {"charts": False},
        }
        """Options of actors that are not those of the shipped tree, by actor: an hour is long in this world, a chart
        takes as long as a minute of it.
        """
        self.process: VirtualProcess | None = None
        asyncio.set_event_loop(self.loop)

    # -- what happens

    def boot(self, **changes: str) -> VirtualProcess:
        """Start the exchange process. ``changes``: variables of the tree."""
        tree, resources = self._tree(changes), self._resources()
        self.process = VirtualProcess(
            tree,
            self.loop,
            self.own_clock,
            resources,
            self.seed,
            lambda path: self.weather.holds(path),  # noqa: PLW0108 - whatever weather is on
        )
        self.loop.call_soon(self.process.boot)
        return self.process

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def run_until(self, holds: Callable[[], bool], within: float = 600.0) -> None:
        """Let time pass until something holds, looking every tenth of a second."""
        end = self.loop.seconds + within
        while not holds():
            assert self.loop.seconds < end, f"waited {within:g} virtual seconds in vain (seed {self.seed})"
            self.run(0.1)

    def crash(self, path: str) -> None:
        """Make an actor fail."""
        assert self.process is not None
        assert self.process.incarnations.break_(path, RuntimeError("a test breaks it")), path

    def kill(self) -> None:
        """End the process as SIGKILL would."""
        assert self.process is not None
        self.loop.run_until_complete(self.process.kill())

    def forget_everything(self) -> None:
        """Empty both stores, for a second run of the same world."""
        self.server.flush()
        with make_engine(self.database).begin() as connection:
            for table in (alert_history, exchange_symbols, leases, directives, positions, user_exchanges, users):
                connection.execute(delete(table))

    def close(self) -> None:
        """End the process and the loop."""
        if self.process is not None and not self.process.dead:
            self.kill()
        self.loop.close()

    def connect(self) -> WorldConnection:
        """A connection of ours."""
        self.connected += 1
        connection = WorldConnection(self, self.connected)
        self.connections.add(connection)
        return connection

    def hang_up(self) -> None:
        """The exchange closes every connection."""
        self.epoch += 1

    # -- what is asked

    def ask(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        """One request to the exchange's REST service; names of headers are in lower case."""
        now = self.clock.now()
        request = Request("GET", path, query, "127.0.0.1", now, self.clock.monotonic(), now, headers)
        response = self.weather.asked(request)
        if response is None:
            answer = self.rest.answer(request)
            self.refused += answer.status == 429
            response = Response(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.body)
        return self.weather.answers(request, response)

    def truth(self, symbol: str, timeframe: Timeframe, first: int, last: int) -> list[Candle]:
        """What the exchange really traded, as far as it is over."""
        over = timeframe.last_closed(self.clock.now())
        return self.market.candles(symbol, timeframe, first, min(last, over), self.clock.now())

    @cached_property
    def keys(self) -> Keys:
        """Where the exchange's data are."""
        with make_engine(self.database).begin() as connection:
            found = named(connection, self.dialect.name)
        assert found is not None, f"the registry has no {self.dialect.name}"
        return Keys(found.id)

    @property
    def symbols(self) -> list[str]:
        return [listing.symbol for listing in self.market.listings]

    @property
    def actors(self) -> list[str]:
        """The paths of all actors."""
        return [spec.path for spec in actors(self._tree({}))]

    # -- making

    def _tree(self, changes: Mapping[str, str]) -> SupervisorSpec:
        variables = {
            "LIVERMORE_REDIS_URL": self.redis.full_url,
            "DATABASE_URL": self.database.full_url,
            "LIVERMORE_ADMIN_TOKEN": "token-of-the-world",
            "LIVERMORE_SIMULATED": "true",
            "DISCORD_LIVERMORE_BOT": "http://127.0.0.1/api/webhooks/1/token",
            **self.dialect.variables,
            **changes,
        }
        file = TreeFile(ROOT / "supervisors.yaml")
        text = self.dialect.tree(file.path.read_text(encoding="utf-8"))
        root = file.tree("exchange", variables, text=text).root
        children = tuple(self._with_options(child) for child in root.children if child.keys.id != "http_front")
        return SupervisorSpec(root.path, root.keys, children)

    def _with_options(self, spec: NodeSpec) -> NodeSpec:
        if isinstance(spec, SupervisorSpec):
            return replace(spec, children=tuple(map(self._with_options, spec.children)))
        return replace(spec, options=spec.options.model_copy(update=self.options.get(spec.keys.id, {})))

    def _resources(self) -> Resources:
        blueprint = Blueprint("exchange", self.redis, self.database)
        return Resources(
            name="exchange",
            began=self.own_clock.wall(),
            redis=lambda: WorldStore(self),
            async_redis=lambda _: WorldRedis(self),
            database=lambda: WorldDatabase(self),
            reading=lambda: WorldDatabase(self),
            network=lambda: WorldNetwork(self),
            sockets=lambda _: [],
            tree=dict,
            break_actor=None,
            reload=dict,
            portable=lambda _: Portable(blueprint, {}),
        )


def _nothing() -> None:
    """Nobody watches."""
