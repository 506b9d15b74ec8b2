"""Two exchanges in one virtual process, on the same stores: the tree of `deploy/examples`, and a world for each."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from livermore.net.interface import Response
from livermore.store.settings import DatabasePlace
from livermore.supervision.spec import SupervisorSpec
from livermore.tree_file import TreeFile
from tests.support.binance import Binance
from tests.support.coinbase import Coinbase
from tests.support.valkey import Valkey
from tests.support.virtual_process import VirtualProcess
from tests.support.world import World
from tests.support.world_network import WorldConnection, WorldNetwork
from tests.system.conftest import few

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "deploy" / "examples" / "two-exchanges.yaml"


class TwoExchanges:
    """One machine, one clock, one process; what happens at one exchange is the business of its own world."""

    def __init__(self, seed: int, start: int, server: Valkey, database: DatabasePlace) -> None:
        self.coinbase = World(seed, start, server, database, dialect=Coinbase(), instruments=few())
        self.binance = World(seed, start, server, database, dialect=Binance(), instruments=few(Binance()))
        self.worlds = {"coinbase": self.coinbase, "binance": self.binance}
        self.binance.loop.close()
        for part in ("loop", "clock", "own_clock"):
            setattr(self.binance, part, getattr(self.coinbase, part))
        self.process: VirtualProcess | None = None

    def boot(self) -> VirtualProcess:
        """Start it."""
        world = self.coinbase
        resources = replace(world._resources(), network=lambda: TwoNetworks(self.worlds))
        self.process = VirtualProcess(self._tree(), world.loop, world.own_clock, resources, world.seed)
        world.process = self.binance.process = self.process
        world.loop.call_soon(self.process.boot)
        return self.process

    def active(self, exchange: str) -> bool:
        """Whether all of an exchange's actors are up."""
        assert self.process is not None
        below = [node for path, node in self.process.tree.nodes.items() if f"{exchange}/" in path]
        return bool(below) and all(str(node.state) == "up" for node in below)

    def connections_of(self, exchange: str) -> int:
        """How many connections there have been to an exchange."""
        return self.worlds[exchange].connected

    def close(self) -> None:
        """End the process and the loop."""
        self.coinbase.close()

    def _tree(self) -> SupervisorSpec:
        world = self.coinbase
        variables: Mapping[str, str] = {
            "LIVERMORE_REDIS_URL": world.redis.full_url,
            "DATABASE_URL": world.database.full_url,
            "LIVERMORE_ADMIN_TOKEN": "token-of-the-world",
            "LIVERMORE_SIMULATED": "true",
            "DISCORD_LIVERMORE_BOT": "http://127.0.0.1/api/webhooks/1/token",
            "COINBASE_REST_URL": "https://coinbase", "COINBASE_WS_URL": "wss://coinbase",
            "BINANCE_REST_URL": "https://binance", "BINANCE_WS_URL": "wss://binance/stream",
            **self.coinbase.dialect.variables,
        }  # fmt: skip
        root = TreeFile(EXAMPLE).tree("exchange", variables).root
        children = tuple(world._with_options(child) for child in root.children if child.keys.id != "http_front")
        return SupervisorSpec(root.path, root.keys, children)


class TwoNetworks(WorldNetwork):
    """What is sent goes to the exchange whose address it is; notices go to the world that is named first."""

    def __init__(self, worlds: Mapping[str, World]) -> None:
        super().__init__(next(iter(worlds.values())))
        self._networks = {name: WorldNetwork(world) for name, world in worlds.items()}

    @asynccontextmanager
    async def websocket(self, url: str) -> AsyncIterator[WorldConnection]:
        async with self._networks[urlsplit(url).netloc].websocket(url) as connection:
            yield connection

    async def get(
        self, url: str, query: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> Response:
        return await self._networks[urlsplit(url).netloc].get(url, query, headers)
