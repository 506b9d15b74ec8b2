"""The candle book: every timeframe rolled up from the one below, exactly, whoever writes and in whatever order."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from prometheus_client import REGISTRY

from livermore.errors import Fenced, Transient
from livermore.market.candle import Candle, from_json
from livermore.market.cursor import Cursor
from livermore.market.timeframe import Timeframe
from livermore.store import candles, events
from livermore.store.candle_book import CandleBook, Change
from livermore.store.candles import BATCH, Known, Write
from livermore.store.lease import Lease
from livermore.store.query import Query
from livermore.store.redis import AsyncRedisStore, RedisStore
from tests.support.candles import BTC, T0, candle
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

M1, M5, M15, H1, H4, D1 = Timeframe
MINUTE = M1.ms
DAY = D1.ms // MINUTE


class Books:
    """A candle book, with what its callers do between its calls, and a look at what became of it."""

    def __init__(self, runner: asyncio.Runner, redis: AsyncRedisStore, store: RedisStore, lease: Lease) -> None:
        self.runner, self.store, self.lease = runner, store, lease
        self.book = CandleBook(redis, lease, history=2000)

    def begin(self) -> None:
        """Let REST have said that all timeframes are known until `T0`."""
        known = [Known(BTC._replace(timeframe=t), T0 - t.ms, T0 - t.ms, rest=True) for t in Timeframe]
        self.store.run(candles.write(self.lease, Write((), known), 2000))

    def wire(self, *closed: Candle, first: int, last: int) -> list[Change]:
        """What the feed does: candles, and which minutes are known by them."""
        return self.runner.run(self.book.close(closed, [Known(BTC, T0 + first * MINUTE, T0 + last * MINUTE)]))

    def rest(self, timeframe: Timeframe, first: int, last: int, *found: Candle, fresh: bool = False) -> list[Change]:
        """What the poller does with a page, of the buckets number ``first`` to ``last``."""
        series = BTC._replace(timeframe=timeframe)
        known = Known(series, T0 + first * timeframe.ms, T0 + last * timeframe.ms, rest=True, anew=fresh)
        return self.runner.run(self.book.close(found, [known], news=not fresh))

    def stored(self, timeframe: Timeframe) -> list[Candle]:
        return self.store.run(candles.newest(KEYS, BTC._replace(timeframe=timeframe), 10_000))

    def cursor(self, timeframe: Timeframe) -> Cursor | None:
        return self.store.run(candles.cursors_of(KEYS, [BTC._replace(timeframe=timeframe)]))[0]

    def told(self) -> list[tuple[str, str, int]]:
        """Kind, series and bucket number of every event."""
        found = self.store.run(events.after(KEYS, events.START, 100_000))
        read = [(event, from_json(event.data)) for event in found]
        return [(event.kind, event.series, (c.open_time - T0) // c.timeframe.ms) for event, c in read]


@pytest.fixture
def books(runner: asyncio.Runner, async_store: AsyncRedisStore, store: RedisStore, mine: Lease) -> Books:
    return Books(runner, async_store, store, mine)


def walk(minute: int) -> Candle:
    """A candle with digits enough to show every rounding."""
    up, down = Decimal(minute % 97) / 7919 + 1, Decimal(minute % 89) / 7907
    o, c = 100 + up / 3, 100 - down / 3
    amounts = (o, max(o, c) + up, min(o, c) - down, c, (up + down) * 12345)
    texts = (f"{amount:.12f}".rstrip("0").rstrip(".") for amount in amounts)
    return candle(minute, **dict(zip(("open", "high", "low", "close", "volume"), texts, strict=True)))


def truth(minutes: Sequence[Candle], timeframe: Timeframe) -> list[Candle]:
    """What rolling up must give, said in another way: every bucket straight from its minutes."""
    buckets: dict[int, list[Candle]] = {}
    for minute in minutes:
        buckets.setdefault(minute.open_time // timeframe.ms, []).append(minute)
    return [
        Candle(
            *BTC._replace(timeframe=timeframe),
            bucket * timeframe.ms,
            inside[0].open,
            str(max(Decimal(c.high) for c in inside)),
            str(min(Decimal(c.low) for c in inside)),
            inside[-1].close,
            f"{sum(Decimal(c.volume) for c in inside).normalize():f}",
        )
        for bucket, inside in buckets.items()
    ]


def test_the_last_minute_of_a_day_closes_all_six_timeframes_in_their_order(books: Books) -> None:
    books.begin()
    minutes = [walk(n) for n in range(DAY)]
    books.wire(*minutes[:-1], first=0, last=DAY - 2)
    assert books.stored(D1) == []
    changes = books.wire(minutes[-1], first=DAY - 1, last=DAY - 1)
    assert [change.candle.timeframe for change in changes] == [M1, M5, M15, H1, H4, D1]
    assert all(change.new for change in changes)
    for timeframe in Timeframe:
        assert books.stored(timeframe) == truth(minutes, timeframe)
    assert [series for _, series, _ in books.told()[-6:]] == [f"BTC-USD:{t}" for t in Timeframe]


def test_children_that_are_not_all_known_prevent_their_parent(books: Books) -> None:
    books.begin()
    books.wire(*(candle(n) for n in range(4)), first=0, last=3)
    assert books.stored(M5) == []
    books.wire(candle(5), first=5, last=5)  # not minute 4
    assert books.stored(M5) == []
    assert books.cursor(M5) == Cursor(T0 - M5.ms, T0 - M5.ms, T0 - M5.ms)


def test_a_bucket_that_began_before_its_children_are_known_is_not_rolled_up(books: Books) -> None:
    since = [
        Known(BTC, T0 + 2 * MINUTE, T0 + 2 * MINUTE, rest=True),
        Known(BTC._replace(timeframe=M5), T0 - M5.ms, T0 - M5.ms, rest=True),
    ]
    books.store.run(candles.write(books.lease, Write((), since), 2000))
    books.wire(candle(3), candle(4), first=3, last=4)
    assert books.stored(M5) == []


def test_a_series_that_rest_has_not_begun_is_not_rolled_up(books: Books) -> None:
    known = [Known(BTC, T0 - MINUTE, T0 - MINUTE, rest=True)]
    books.store.run(candles.write(books.lease, Write((), known), 2000))
    books.wire(*(candle(n) for n in range(5)), first=0, last=4)
    assert books.stored(M5) == []
    assert books.cursor(M5) is None


def test_minutes_that_are_known_to_be_empty_do_not_prevent_their_parent(books: Books) -> None:
    books.begin()
    changes = books.wire(candle(1, "7"), candle(3, "9"), first=0, last=4)
    assert [change.candle.open_time for change in changes] == [T0 + MINUTE, T0 + 3 * MINUTE, T0]
    (parent,) = books.stored(M5)
    assert (parent.open, parent.high, parent.low, parent.close, parent.volume) == ("7", "9", "7", "9", "2")


def test_a_bucket_without_any_trade_is_known_and_has_no_candle(books: Books) -> None:
    books.begin()
    assert books.wire(first=0, last=14) == []
    assert books.stored(M5) == []
    assert books.cursor(M5) == Cursor(T0 - M5.ms, T0 + 2 * M5.ms, T0 - M5.ms)
    assert books.cursor(M15) == Cursor(T0 - M15.ms, T0, T0 - M15.ms)


def test_what_rest_has_confirmed_is_not_overwritten_by_rolling_up(books: Books) -> None:
    books.begin()
    books.wire(*(candle(n) for n in range(4)), first=0, last=3)
    theirs = candle(0, "55", series=BTC._replace(timeframe=M5))
    books.rest(M5, 0, 0, theirs)
    changes = books.wire(candle(4), first=4, last=4)
    assert [change.candle.timeframe for change in changes] == [M1]
    assert books.stored(M5) == [theirs]


def test_what_rest_has_confirmed_is_not_overwritten_by_the_wire(books: Books) -> None:
    books.begin()
    books.rest(M1, 0, 1, candle(0), candle(1))
    assert books.wire(candle(0), candle(1, "55"), candle(2), first=0, last=2) == [Change(candle(2), new=True)]
    assert books.stored(M1) == [candle(0), candle(1), candle(2)]


def test_the_wire_cannot_fill_a_minute_of_which_rest_has_said_that_it_is_empty(books: Books) -> None:
    books.begin()
    books.rest(M1, 0, 2, candle(0), candle(2))
    assert books.wire(candle(1, "55"), first=1, last=1) == []
    assert books.stored(M1) == [candle(0), candle(2)]


def test_rest_overwrites_what_the_wire_has_told(books: Books) -> None:
    books.begin()
    books.wire(candle(0), first=0, last=0)
    (change,) = books.rest(M1, 0, 0, candle(0, "55"))
    assert (change.new, change.candle.close, change.candle.revision) == (False, "55", 1)
    assert books.told() == [("candle_close", "BTC-USD:1m", 0), ("candle_corrected", "BTC-USD:1m", 0)]


def test_a_correction_flows_up_to_the_parents_that_rest_has_not_confirmed(books: Books) -> None:
    books.begin()
    books.wire(*(candle(n) for n in range(60)), first=0, last=59)
    confirmed = books.stored(M15)[0]
    books.rest(M15, 0, 0, confirmed)
    changes = books.rest(M1, 7, 7, candle(7, "55"))
    assert [(c.candle.timeframe, c.candle.revision, c.new) for c in changes] == [(M1, 1, False), (M5, 1, False)]
    assert books.stored(M5)[1].low == "55"
    assert books.stored(M15)[0] == confirmed
    changes = books.rest(M1, 17, 17, candle(17, "44"))
    assert [(c.candle.timeframe, c.candle.revision) for c in changes] == [(M1, 1), (M5, 1), (M15, 1), (H1, 1)]
    assert books.stored(H1)[0].low == "44"


def test_a_parent_whose_correction_changes_nothing_is_not_told_again(books: Books) -> None:
    books.begin()
    minutes = [candle(0, "100", high="120"), *(candle(n) for n in range(1, 5))]
    books.wire(*minutes, first=0, last=4)
    changes = books.rest(M1, 1, 1, candle(1, "100", high="110"))
    assert [change.candle.timeframe for change in changes] == [M1]


def test_history_is_neither_told_nor_rolled_up(books: Books) -> None:
    books.rest(M5, 0, 0, candle(0, series=BTC._replace(timeframe=M5)), fresh=True)
    assert len(books.rest(M1, 0, 9, *(candle(n) for n in range(10)), fresh=True)) == 10
    assert books.told() == []
    assert len(books.stored(M5)) == 1


def test_any_number_of_candles_is_stored_in_batches(books: Books) -> None:
    books.begin()
    count = 2 * BATCH + 5
    changes = books.wire(*(candle(n) for n in range(count)), first=0, last=count - 1)
    assert len(books.stored(M1)) == count
    assert [c.candle.open_time for c in changes[:count]] == [T0 + n * MINUTE for n in range(count)]
    assert len(books.stored(M5)) == count // 5


def test_nothing_becomes_known_before_all_its_candles_are_stored(
    books: Books, async_store: AsyncRedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.begin()
    run, calls = async_store.run, iter([True, False])

    async def once(query: Query[Any]) -> Any:
        if not next(calls):
            raise Transient("Redis is gone")
        return await run(query)

    monkeypatch.setattr(async_store, "run", once)
    with pytest.raises(Transient):
        books.wire(*(candle(n) for n in range(BATCH + 1)), first=0, last=BATCH)
    assert len(books.stored(M1)) == BATCH
    assert books.cursor(M1) == Cursor(T0 - MINUTE, T0 - MINUTE, T0 - MINUTE)


def test_more_parents_than_one_batch_holds_are_all_rolled_up(books: Books) -> None:
    books.begin()
    books.wire(*(candle(n) for n in range(0, DAY, 3)), first=0, last=DAY - 1)
    assert len(books.stored(M5)) == DAY // 5 > BATCH
    assert len(books.stored(D1)) == 1


def test_closing_the_same_again_changes_and_tells_nothing(books: Books) -> None:
    books.begin()
    books.wire(*(candle(n) for n in range(15)), first=0, last=14)
    before = books.told()
    assert books.wire(*(candle(n) for n in range(15)), first=0, last=14) == []
    assert books.told() == before


def test_nothing_to_close_is_no_call_at_all(books: Books) -> None:
    assert books.runner.run(books.book.close([], [])) == []


def test_without_the_lease_nothing_is_closed(books: Books, async_store: AsyncRedisStore) -> None:
    stranger = CandleBook(async_store, Lease("coinbase", 1, owner(epoch=2, pid=2)), 1000)
    with pytest.raises(Fenced):
        books.runner.run(stranger.close([candle(0)], []))


def test_two_books_that_close_the_same_tell_each_candle_once(books: Books, async_store: AsyncRedisStore) -> None:
    books.begin()
    closed, known = [candle(n) for n in range(60)], [Known(BTC, T0, T0 + 59 * MINUTE)]
    other = CandleBook(async_store, books.lease, 2000)

    async def both() -> list[list[Change]]:
        return await asyncio.gather(books.book.close(closed, known), other.close(closed, known))

    first, second = books.runner.run(both())
    told = books.told()
    assert len(told) == len(set(told)) == len(first) + len(second) == 60 + 12 + 4 + 1


# -- quarantine

FAULTS = {
    "open time is not aligned": {"open_time": T0 + 1},
    "price is not above zero": {"low": "0"},
    "high is below open or close": {"high": "99"},
    "low is above open or close": {"low": "101"},
    "volume is below zero": {"volume": "-1"},
}


def quarantined() -> float:
    return REGISTRY.get_sample_value("livermore_candles_quarantined_total", {"exchange": "coinbase"}) or 0


@pytest.mark.parametrize(("reason", "fields"), FAULTS.items(), ids=FAULTS)
def test_a_candle_that_cannot_be_true_is_logged_and_counted_and_not_stored(
    books: Books, caplog: pytest.LogCaptureFixture, reason: str, fields: dict[str, object]
) -> None:
    books.begin()
    before = quarantined()
    false = msgspec.structs.replace(candle(0), **fields)
    assert books.wire(false, candle(1), first=0, last=0) == [Change(candle(1), new=True)]
    assert books.stored(M1) == [candle(1)]
    assert quarantined() == before + 1
    (record,) = caplog.records
    assert (record.levelname, record.reason) == ("ERROR", reason)
    assert '"symbol":"BTC-USD"' in record.candle


def test_a_minute_whose_candle_cannot_be_true_does_not_become_known_by_the_wire(books: Books) -> None:
    books.begin()
    books.wire(candle(0, low="0"), first=0, last=0)
    assert books.cursor(M1) == Cursor(T0 - MINUTE, T0 - MINUTE, T0 - MINUTE)


def test_a_page_of_rest_is_known_even_where_one_of_its_candles_cannot_be_true(books: Books) -> None:
    """Or else it would be asked for again and again."""
    books.begin()
    books.rest(M1, 0, 2, candle(0, low="0"), candle(1), candle(2))
    assert books.cursor(M1) == Cursor(T0 - MINUTE, T0 + 2 * MINUTE, T0 + 2 * MINUTE)


# -- races between feed and poller


class Meddled(AsyncRedisStore):
    """A store in which others do something right after the children of buckets have been read."""

    meddle: Callable[[], object] | None = None

    async def run_all(self, queries: Sequence[Query[Any]]) -> list[Any]:
        answers = await super().run_all(queries)
        if self.meddle is not None:
            meddle, self.meddle = self.meddle, None
            await asyncio.to_thread(meddle)
        return answers


@pytest.fixture
def meddled(books: Books, empty_valkey: Valkey) -> Iterator[Meddled]:
    """The books' store, made so. What meddles is another writer's book, in a thread of its own."""
    made = Meddled(empty_valkey.place)
    books.book = CandleBook(made, books.lease, 2000)
    yield made
    books.runner.run(made.close())


def others(valkey: Valkey, lease: Lease, closed: Sequence[Candle], known: Known) -> Callable[[], object]:
    """Another book closes something."""

    async def close() -> None:
        redis = AsyncRedisStore(valkey.place)
        await CandleBook(redis, lease, 2000).close(closed, [known])
        await redis.close()

    return lambda: asyncio.run(close())


def test_a_child_that_is_corrected_while_its_parent_is_rolled_up_is_in_the_parent(
    books: Books, meddled: Meddled, empty_valkey: Valkey
) -> None:
    books.begin()
    books.wire(*(candle(n) for n in range(4)), first=0, last=3)
    minute = Known(BTC, T0 + 2 * MINUTE, T0 + 2 * MINUTE, rest=True)
    meddled.meddle = others(empty_valkey, books.lease, [candle(2, "55")], minute)
    books.wire(candle(4), first=4, last=4)
    assert books.stored(M5)[0].low == "55"
    assert [told for told in books.told() if told[1] == "BTC-USD:5m"] == [("candle_close", "BTC-USD:5m", 0)]


def test_a_child_that_appears_where_none_was_while_its_parent_is_rolled_up_is_in_the_parent(
    books: Books, meddled: Meddled, empty_valkey: Valkey
) -> None:
    books.begin()
    books.wire(candle(0), first=0, last=3)
    minute = Known(BTC, T0 + 2 * MINUTE, T0 + 2 * MINUTE, rest=True)
    meddled.meddle = others(empty_valkey, books.lease, [candle(2, "55")], minute)
    books.wire(first=4, last=4)
    assert books.stored(M5)[0].volume == "2"


def test_a_parent_that_rest_confirms_while_it_is_rolled_up_stays_as_rest_has_said(
    books: Books, meddled: Meddled, empty_valkey: Valkey
) -> None:
    books.begin()
    books.wire(*(candle(n) for n in range(4)), first=0, last=3)
    series = BTC._replace(timeframe=M5)
    theirs = candle(0, "55", series=series)
    meddled.meddle = others(empty_valkey, books.lease, [theirs], Known(series, T0, T0, rest=True))
    books.wire(candle(4), first=4, last=4)
    assert books.stored(M5) == [theirs]
