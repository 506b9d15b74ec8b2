"""What `livermore audit` does, once it knows its stores: the clients that it needs, and the order of things."""

from itertools import product

from livermore.access import AccessOptions
from livermore.auditing import Audit
from livermore.clock import AffineClock
from livermore.commands import stores
from livermore.commands.common import FAILED, Asked, Variables, exchange_of, say
from livermore.commands.inspection import Inspection
from livermore.commands.repair import Repair
from livermore.errors import LivermoreError
from livermore.market.audit import Report, both
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.net.network import TornadoNetwork
from livermore.store import status, symbols
from livermore.store.exchange import keys_of
from livermore.store.keys import Keys
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
        self.exchange = exchange_of(asked, variables)
        self.access = AccessOptions(exchange=self.exchange, rest_url=stores.url(asked, variables, "rest"))
        self.codec = self.access.codec()
        self.clock = AffineClock.from_text(variables.get("LIVERMORE_CLOCK", ""))

    async def run(self) -> int:
        keys = await keys_of(self.database, self.exchange)
        series = await self._series(keys)
        rest = self.access.rest(self.codec, self.network, self.redis, keys, self.clock)
        audit = Audit(self.redis, keys, rest, self.clock, rolls_up=self.codec.rolls_up)
        inspection = Inspection(audit, self.codec.page, self.asked.last)
        report = await inspection.of(series)
        if not self.asked.repair or not report.mismatches:
            return _concluded(report, report)
        report = both(report, await inspection.doubts(report))
        await Repair(self.redis, self.database, keys, self.codec, self.clock).of(report)
        return _concluded(report, await inspection.left(report))

    async def _series(self, keys: Keys) -> list[Series]:
        """All that is to be audited; refuses to hold simulated candles against the real exchange."""
        origin = await self.redis.run(status.origin(keys))
        if origin is not None and origin.simulated and not self.access.rest_url:
            raise LivermoreError("these candles are simulated: name the simulated exchange with --rest-url")
        watched = await self.redis.run(symbols.read(keys))
        unknown = sorted(set(self.asked.symbol or ()) - set(watched))
        if unknown or not watched:
            raise LivermoreError(f"no candles of {', '.join(unknown) or self.exchange} are stored here")
        timeframes = [Timeframe(t) for t in self.asked.timeframe or Timeframe]
        return [Series(self.exchange, *pair) for pair in product(self.asked.symbol or watched, timeframes)]


def _concluded(found: Report, left: Report) -> int:
    rate = 1_000_000 * len(found.mismatches) / max(1, found.checked)
    repaired = f", of which {len(left.mismatches)} are left" if left is not found else ""
    say(f"{found.checked} checks, {len(found.mismatches)} mismatches{repaired}: {rate:g} per million candles")
    return FAILED if left.mismatches else 0
