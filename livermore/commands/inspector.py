"""What `livermore audit` does, once it knows its stores: the clients that it needs, and the order of things."""

from itertools import product

from livermore.auditing import MOST_KEPT, Audit, repair
from livermore.clock import AffineClock
from livermore.commands import stores
from livermore.commands.common import FAILED, Asked, Variables, say
from livermore.commands.inspection import Inspection
from livermore.commands.ownership import owning
from livermore.errors import LivermoreError
from livermore.exchanges.codec import Codec
from livermore.market.audit import Report, both
from livermore.market.candle import Series
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from livermore.net.network import TornadoNetwork
from livermore.net.rest import ExchangeRest
from livermore.plugins import find
from livermore.store import status, symbols
from livermore.store.candle_book import CandleBook
from livermore.store.exchange import keys_of
from livermore.store.keys import Keys
from livermore.store.limiter import Limiter
from livermore.store.redis import AsyncRedisStore
from livermore.store.settings import Stores
from livermore.store.sql import Database


async def inspect(asked: Asked, variables: Variables, places: Stores) -> int:
    """Audit what these stores hold, and repair it if that is asked; gives the exit code."""
    assert places.redis is not None
    assert places.database is not None
    redis, database, network = AsyncRedisStore(places.redis), Database(places.database), TornadoNetwork()
    try:
        return await _Inspector(asked, variables, redis, database, network).run()
    finally:
        network.close()
        database.close()
        await redis.close()


class _Inspector:
    def __init__(
        self, asked: Asked, variables: Variables, redis: AsyncRedisStore, database: Database, network: TornadoNetwork
    ) -> None:
        self.asked, self.redis, self.database, self.network = asked, redis, database, network
        self.exchange = str(asked.exchange or variables.get("LIVERMORE_EXCHANGE_NAME") or "coinbase")
        self.codec: Codec = find("livermore.exchanges", self.exchange).Codec()
        self.clock = AffineClock.from_text(variables.get("LIVERMORE_CLOCK", ""))
        self.url = stores.url(asked, variables, "rest")

    async def run(self) -> int:
        keys = await keys_of(self.database, self.exchange)
        series = await self._series(keys)
        limiter = Limiter(self.redis, keys, self.clock, self.codec.rate)
        rest = ExchangeRest(self.network, self.url or self.codec.rest_url, self.codec, limiter)
        inspection = Inspection(Audit(self.redis, keys, rest, self.clock), self.codec.page, self.asked.last)
        if self.asked.repair:
            async with owning(self.redis, self.database, keys, self.exchange, self.clock):
                """Nobody else does: all that follows would be in vain otherwise."""
        report = await inspection.of(series)
        if not self.asked.repair:
            return _concluded(report, report)
        report = both(report, await inspection.doubts(report))
        return _concluded(report, await inspection.left(report, await self._repaired(keys, report)))

    async def _series(self, keys: Keys) -> list[Series]:
        """All that is to be audited; refuses to hold simulated candles against the real exchange."""
        origin = await self.redis.run(status.origin(keys))
        if origin is not None and origin.simulated and not self.url:
            raise LivermoreError("these candles are simulated: name the simulated exchange with --rest-url")
        watched = await self.redis.run(symbols.read(keys))
        unknown = sorted(set(self.asked.symbol or ()) - set(watched))
        if unknown or not watched:
            raise LivermoreError(f"no candles of {', '.join(unknown) or self.exchange} are stored here")
        timeframes = [Timeframe(t) for t in self.asked.timeframe or Timeframe]
        return [Series(self.exchange, *pair) for pair in product(self.asked.symbol or watched, timeframes)]

    async def _repaired(self, keys: Keys, report: Report) -> set[tuple[Series, int]]:
        async with owning(self.redis, self.database, keys, self.exchange, self.clock) as mine:
            changes = await repair(CandleBook(self.redis, mine, MOST_KEPT), report.mismatches)
        for candle, _ in changes:
            say(f"{candle.series} {iso(candle.open_time)}: stored with revision {candle.revision}")
        return {(candle.series, candle.open_time) for candle, _ in changes}


def _concluded(found: Report, left: Report) -> int:
    rate = 1_000_000 * len(found.mismatches) / max(1, found.checked)
    repaired = f", of which {len(left.mismatches)} are left" if left is not found else ""
    say(f"{found.checked} checks, {len(found.mismatches)} mismatches{repaired}: {rate:g} per million candles")
    return FAILED if left.mismatches else 0
