"""The gap ledger as a night's checker sees it: what was admitted to be unknown."""

import json
from typing import NamedTuple

from livermore.market.candle import Series
from livermore.market.instant import parse_iso
from livermore.store.query import command
from livermore.store.redis import RedisStore
from tests.support.world import World


class KnownGap(NamedTuple):
    """Open times (ms) from ``start`` up to, but without, ``end``."""

    series: str
    start: int
    end: int
    cause: str
    verdict: str

    def holds(self, series: Series, open_time: int) -> bool:
        """Whether a bucket, or a part of it, lies within."""
        if self.series.partition(":")[0] != series.symbol:
            return False
        return self.start < open_time + series.timeframe.ms and open_time < self.end


def known_gaps(world: World) -> list[KnownGap]:
    """All gaps of the world's exchange."""
    store = RedisStore(world.redis)
    members = store.run(command("ZRANGE", f"gaps:{{{world.keys.exchange_id}}}", 0, -1, read=list))
    store.close()
    return [_gap(json.loads(member)) for member in members]


def _gap(told: dict[str, str]) -> KnownGap:
    span = parse_iso(told["start_time"]), parse_iso(told["end_time"])
    return KnownGap(f"{told['symbol']}:{told['timeframe']}", *span, told["cause"], told["verdict"])
