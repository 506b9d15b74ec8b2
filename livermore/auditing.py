"""The audit of one exchange: what is stored held against REST and against itself, and put right."""

from collections.abc import Awaitable, Callable, Sequence

from livermore.clock import Clock
from livermore.market import audit
from livermore.market.audit import Check, Holding, Mismatch, Report
from livermore.market.candle import Series
from livermore.market.due import Page
from livermore.net.rest import ExchangeRest
from livermore.store import candles
from livermore.store.candle_book import CandleBook, Change
from livermore.store.candles import Known
from livermore.store.keys import Keys
from livermore.store.redis import AsyncRedisStore

MOST_KEPT = 10_000
"""No series keeps more candles."""
_NOTHING = Report(0, ())


class Audit:
    """A difference counts once it was seen twice: meanwhile a candle may have been corrected on either side."""

    def __init__(
        self, redis: AsyncRedisStore, keys: Keys, rest: ExchangeRest, clock: Clock, *, rolls_up: bool = True
    ) -> None:
        """``rolls_up``: whether larger candles are made of smaller ones; those of some exchanges need not add up."""
        self._redis, self._keys, self._rest, self._clock, self._rolls_up = redis, keys, rest, clock, rolls_up

    async def holding(self, series: Series) -> Holding | None:
        """What is stored of a series, as far as it can be audited."""
        (cursor,) = await self._redis.run(candles.cursors_of(self._keys, [series]))
        stored = await self._redis.run(candles.newest(self._keys, series, MOST_KEPT))
        return audit.holding(series, stored, cursor, self._clock.now())

    async def with_rest(self, page: Page) -> Report:
        """Hold what is stored within a page against what REST says of it now.

        Raises:
            Transient: a server cannot answer.
            ProtocolError: REST answers what its protocol does not allow.
        """

        async def look() -> Report:
            answer = await self._rest.candles(page)
            held = await self.holding(page.series)
            return audit.with_rest(held, page, answer) if held is not None else _NOTHING

        return await _twice(look)

    async def with_children(self, parent: Series, first: int, last: int) -> Report:
        """Hold the candles of ``parent`` with open times (ms) ``first`` to ``last`` against those they are made of."""
        child = parent.timeframe.child if self._rolls_up else None

        async def look() -> Report:
            held = await self.holding(parent)
            small = await self.holding(parent._replace(timeframe=child)) if child is not None else None
            return audit.with_children(held, small, first, last) if held and small else _NOTHING

        return await _twice(look)


async def repair(book: CandleBook, mismatches: Sequence[Mismatch]) -> list[Change]:
    """Store what REST says, as corrections; a candle of which REST knows nothing stays.

    Returns:
        What has changed, larger candles that were rolled up anew included.
    """
    changes = list[Change]()
    for m in dict.fromkeys(m for m in mismatches if m.check is Check.REST):
        if m.expected is not None:
            changes += await book.close([m.expected], [Known(m.series, m.open_time, m.open_time, rest=True)])
    return changes


async def _twice(look: Callable[[], Awaitable[Report]]) -> Report:
    report = await look()
    if not report.mismatches:
        return report
    again = await look()
    return again._replace(mismatches=[m for m in again.mismatches if m in report.mismatches])
