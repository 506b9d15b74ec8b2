"""Whatever two feeds close, in whatever order, with whatever mistakes: what is stored in the end is the truth."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.market.candle import Candle, from_json, to_json
from livermore.market.due import Page, Patience, State, due
from livermore.market.timeframe import Timeframe
from livermore.store import candles, events
from livermore.store.candle_book import CandleBook
from livermore.store.candles import Known, Write
from livermore.store.lease import Lease, claim
from livermore.store.redis import AsyncRedisStore
from tests.support.candles import BTC, T0, candle
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

MINUTE, DAY = Timeframe.M1.ms, 1440
SERIES = [BTC._replace(timeframe=timeframe) for timeframe in Timeframe]
NOON = st.integers(0, DAY - 1)


class Step(NamedTuple):
    """One of the feeds closes the minutes from ``first`` up to, not including, ``end``."""

    feed: int
    first: int
    end: int


class Day(NamedTuple):
    """What was traded, who closes it in what order, and what each feed gets wrong: None it does not see at all."""

    traded: dict[int, Candle]
    steps: list[Step]
    mistakes: dict[tuple[int, int], str | None]


@st.composite
def days(draw: st.DrawFn) -> Day:
    price = st.integers(1, 10**6).map(lambda n: str(Decimal(n).scaleb(-3).normalize().__format__("f")))
    minutes = draw(st.lists(st.tuples(NOON, price, price), max_size=50))
    traded = {n: candle(n, close, volume=volume) for n, close, volume in minutes}
    cuts = [0, *sorted(draw(st.sets(st.integers(1, DAY - 1), max_size=6))), DAY]
    spans = [Step(feed, *span) for feed in (0, 1) for span in pairwise(cuts)]
    steps = draw(st.permutations(spans))[: draw(st.integers(0, len(spans)))]
    wrong = st.dictionaries(
        st.tuples(st.integers(0, 1), st.sampled_from(sorted(traded))), st.none() | price, max_size=4
    )
    return Day(traded, steps, draw(wrong) if traded and draw(st.booleans()) else {})


def truth(day: Day, timeframe: Timeframe) -> dict[int, Candle]:
    """The candles of a timeframe by open time, made of minutes at one stroke."""
    buckets: dict[int, list[Candle]] = defaultdict(list)
    for minute in sorted(day.traded):
        buckets[timeframe.floor(T0 + minute * MINUTE)].append(day.traded[minute])
    return {
        open_time: Candle(
            *BTC._replace(timeframe=timeframe),
            open_time,
            inside[0].open,
            max((c.high for c in inside), key=Decimal),
            min((c.low for c in inside), key=Decimal),
            inside[-1].close,
            f"{sum(Decimal(c.volume) for c in inside).normalize():f}",
        )
        for open_time, inside in buckets.items()
    }


class World:
    """Two feeds and a poller, each with its own connection, over one series of an exchange."""

    def __init__(self, day: Day, redis: Sequence[AsyncRedisStore], lease: Lease) -> None:
        self.day, self.redis, self.lease = day, redis[0], lease
        self.books = [CandleBook(each, lease, 2000) for each in redis]
        self.truth = {timeframe: truth(day, timeframe) for timeframe in Timeframe}

    async def run(self) -> None:
        await self.redis.run(claim(self.lease, 60_000))
        begun = [Known(s, T0 - s.timeframe.ms, T0 - s.timeframe.ms, rest=True) for s in SERIES]
        await self.redis.run(candles.write(self.lease, Write((), begun), 2000))
        steps = self.day.steps
        for i in range(0, len(steps), 2):  # two at a time, between whose calls anything may happen
            await asyncio.gather(*map(self._step, steps[i : i + 2]))
        minutes = [T0 + minute * MINUTE for _, minute in self.day.mistakes]
        for page in [Page(BTC, at, at) for at in minutes]:  # the feeds have reported them as holes
            await self._settle(page)
        while pages := await self._due():
            await asyncio.gather(*(self._settle(page) for page in pages))

    async def _step(self, step: Step) -> None:
        seen = (self._seen(step.feed, minute) for minute in range(step.first, step.end))
        known = Known(BTC, T0 + step.first * MINUTE, T0 + (step.end - 1) * MINUTE)
        await self.books[step.feed].close([c for c in seen if c is not None], [known])

    def _seen(self, feed: int, minute: int) -> Candle | None:
        found = self.day.traded.get(minute)
        if found is None or (feed, minute) not in self.day.mistakes:
            return found
        close = self.day.mistakes[feed, minute]
        return candle(minute, close) if close is not None else None

    async def _due(self) -> list[Page]:
        held = await self.redis.run(candles.cursors_of(KEYS, SERIES))
        after = T0 + Timeframe.D1.ms + 20_000
        return due({s: State(cursor) for s, cursor in zip(SERIES, held, strict=True)}, after, Patience(history=2000))

    async def _settle(self, page: Page) -> None:
        found = [c for at, c in self.truth[page.series.timeframe].items() if page.first <= at <= page.last]
        await self.books[2].close(found, [Known(page.series, page.first, page.last, rest=True)])


@settings(max_examples=60, deadline=None)
@given(day=days())
def test_in_the_end_every_timeframe_holds_the_truth_and_has_told_it_once(valkey_server: Valkey, day: Day) -> None:
    valkey_server.flush()

    async def live() -> None:
        async with AsyncExitStack() as stack:
            redis = [AsyncRedisStore(valkey_server.place) for _ in range(3)]
            for each in redis:
                stack.push_async_callback(each.close)
            await World(day, redis, Lease("coinbase", 1, owner())).run()
            await check(day, redis[0])

    asyncio.run(live())


async def check(day: Day, redis: AsyncRedisStore) -> None:
    told: dict[tuple[str, int], list[tuple[str, int, bytes]]] = defaultdict(list)
    for event in await redis.run(events.after(KEYS, events.START, 100_000)):
        c = from_json(event.data)
        told[event.series, c.open_time].append((event.kind, c.revision, event.data))
    for series in SERIES:
        stored = await redis.run(candles.newest(KEYS, series, 10_000))
        plain = {c.open_time: msgspec.structs.replace(c, revision=0) for c in stored}
        assert plain == truth(day, series.timeframe)
        for c in stored:
            kinds = ["candle_close", *["candle_corrected"] * c.revision]
            history = told.pop((str(series), c.open_time))
            assert [(kind, revision) for kind, revision, _ in history] == [(k, n) for n, k in enumerate(kinds)]
            assert history[-1][2] == to_json(c)
            assert day.mistakes or c.revision == 0
    assert not told
