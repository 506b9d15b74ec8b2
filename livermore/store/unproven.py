"""What only silence tells of: the end of each series, from the last bucket in which something was traded."""

from collections.abc import Sequence

from livermore.market.candle import Series
from livermore.market.cursor import Cursor
from livermore.market.gap import LONGEST, Cause, Gap
from livermore.store import candles
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore


async def ends(redis: AsyncRedisStore, keys: Keys, series: Sequence[Series]) -> list[Gap]:
    """Of the series that are known at all, one doubt each, no longer than REST can answer at once."""
    held = await redis.run(candles.cursors(keys))
    cursors = {one: cursor for one in series if (cursor := held.get(str(one)))}
    traded = await redis.run_all([candles.newest_before(keys, one, c.through + 1) for one, c in cursors.items()])
    pairs = zip(cursors.items(), traded, strict=True)
    return [_end(one, cursor, at) for (one, cursor), at in pairs if at is not None and at >= cursor.since]


def _end(series: Series, cursor: Cursor, traded: int) -> Gap:
    oldest = cursor.through - (LONGEST - 1) * series.timeframe.ms
    return Gap(series, max(traded, oldest), cursor.through, Cause.UNPROVEN, traded=traded >= oldest)
