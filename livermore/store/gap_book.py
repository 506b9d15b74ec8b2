"""The gap book: what REST's answers make of the gaps that it was asked about, or that came to light afterwards."""

from collections.abc import Collection, Sequence

from livermore import metrics
from livermore.market.candle import Candle, Series
from livermore.market.due import Need, Page, State
from livermore.market.gap import Cause, Gap, Verdict, joined, verdict
from livermore.market.trust import Trusted
from livermore.store import gaps
from livermore.store.candle_book import Change
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore

AGAIN = 5_000
"""How long (ms of market time) REST is given to catch up with what the wire has seen."""

Judged = tuple[Gap, Verdict]


class GapBook:
    """``now`` is the exchange's time, ms."""

    def __init__(self, redis: AsyncRedisStore, lease: Lease) -> None:
        self._redis, self._lease = redis, lease
        self._answers: dict[Series, tuple[Page, Sequence[Candle]]] = {}  # the newest news of each series
        self._not_before: dict[Gap, int] = {}

    def may_ask(self, page: Page, now: int) -> bool:
        """Whether REST has had time since it was last asked about a doubt."""
        return page.doubt is None or self._not_before.get(page.doubt, 0) <= now

    async def judge(self, page: Page, kept: Trusted, changes: Sequence[Change], state: State, now: int) -> None:
        """What an answer makes of the gaps in it, of those that it leaves behind, and of what is lost for good.

        ``changes``: what has become of its candles.
        """
        if page.need is Need.NEWS:
            self._answers[page.series] = page, kept.candles
        verdicts: list[Judged] = [(gap, Verdict.UNREPAIRED) for gap in (*_left_behind(page, state), *kept.lost)]
        verdicts += [(gap, Verdict.REPAIRED) for gap in _unnoticed(page, changes, state)]
        for gap in state.doubts:
            if page.holds(gap):
                verdicts += self._judged(gap, kept.candles, now)
        await self._settle(verdicts)

    async def review(self, doubts: Sequence[Gap], watched: Collection[Series], now: int) -> list[Gap]:
        """Settle those that came to light after they had been asked about, or that nobody will ask about any more.

        Returns:
            The others.
        """
        verdicts = list[Judged]()
        for gap in doubts:
            page, found = self._answers.get(gap.series, (None, ()))
            if watched and gap.series not in watched:
                verdicts.append((gap, Verdict.UNREPAIRED))
            elif page is not None and (gap.cause.is_hole or gap.cause is Cause.UNPROVEN) and page.holds(gap):
                verdicts += self._judged(gap, found, now) if not gap.traded or self._has(gap, found) else []
        await self._settle(verdicts)
        settled = {gap for gap, _ in verdicts}
        return [gap for gap in doubts if gap not in settled]

    def _judged(self, gap: Gap, found: Sequence[Candle], now: int) -> list[Judged]:
        judged = verdict(gap, [candle.open_time for candle in found], now)
        if judged is None:
            self._not_before[gap] = now + AGAIN
            return []
        self._not_before.pop(gap, None)
        return [(gap, judged)]

    @staticmethod
    def _has(gap: Gap, found: Sequence[Candle]) -> bool:
        return any(gap.first <= candle.open_time <= gap.last for candle in found)

    async def _settle(self, verdicts: Sequence[Judged]) -> None:
        if verdicts:
            await self._redis.run(gaps.settle(self._lease, verdicts))
        for _, judged in verdicts:
            metrics.GAPS.labels(self._lease.exchange, judged).inc()


def _unnoticed(page: Page, changes: Sequence[Change], state: State) -> list[Gap]:
    """What the wire vouched for and REST has otherwise: it had fallen silent before it was lost, and nobody knew."""
    asked = page.need is Need.NEWS or (page.doubt is not None and page.doubt.cause is Cause.UNPROVEN)
    if state.cursor is None or not asked:
        return []
    through, holes = state.cursor.through, [gap for gap in state.doubts if gap.cause.is_hole]
    amended = [c.open_time for c, new in changes if c.series == page.series and (c.open_time <= through or not new)]
    times = [at for at in amended if not any(gap.first <= at <= gap.last for gap in holes)]
    return joined(Gap(page.series, at, at, Cause.SILENCE, traded=True) for at in times)


def _left_behind(page: Page, state: State) -> list[Gap]:
    """A series that starts anew leaves what lies before it as it is, and nobody will ask about it any more."""
    if not page.fresh or state.cursor is None:
        return []
    first, last = state.cursor.through + page.series.timeframe.ms, page.first - page.series.timeframe.ms
    doubts = [gap for gap in state.doubts if gap.last <= last]
    written = first > last or any(gap.cause.is_hole for gap in doubts)
    return doubts if written else [*doubts, Gap(page.series, first, last, Cause.NOT_RUNNING)]
