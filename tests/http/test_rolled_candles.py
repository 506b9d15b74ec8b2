"""Candles of 30m, 2h and 6h: made of smaller ones that the pipeline has stored, and equal to what was traded."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from livermore.http.schemas import CandlePage
from livermore.market.candle import Candle, Series
from livermore.market.cursor import LEAST_KEPT
from livermore.market.gap import Cause, Gap, Verdict
from livermore.market.instant import iso, parse_iso
from livermore.market.timeframe import Rolled, Timeframe
from livermore.store import gaps
from livermore.store.candle_book import CandleBook
from livermore.store.candles import Known
from livermore.store.query import command, nothing
from tests.http.world import World
from tests.support.candles import BTC, T0, candle

MINUTE = 60_000
HALF = Rolled.M30
QUARTERS = BTC._replace(timeframe=Timeframe.M15)
URL = "/candles/coinbase/BTC-USD/30m"


def url(whole: Rolled) -> str:
    return f"/candles/coinbase/BTC-USD/{whole}"


def half(number: int) -> str:
    """When a half hour since `T0` begins."""
    return iso(T0 + number * HALF.ms)


def quarter(number: int, close: str = "100", **fields: str) -> Candle:
    return candle(number, close, series=QUARTERS, **fields)


def opens(answer: Any) -> list[str]:
    return [row["timestamp"] for row in answer["data"]]


def pages(world: World, path: str, **query: object) -> Iterator[Any]:
    """All pages, by following the cursors alone."""
    answer = world.get(path, **query)
    yield answer
    while cursor := answer["meta"]["next_cursor"]:
        assert answer["meta"]["has_more"] is True
        answer = world.get(path, limit=query.get("limit", 100), cursor=cursor)
        assert answer["data"], "has_more promised a row"
        yield answer
    assert answer["meta"]["has_more"] is False


# what is traded, through the pipeline's own book


def minutes(luck: random.Random) -> list[Candle]:
    """What was traded in two days: in some hours much, in others hardly anything."""

    def price() -> str:
        return f"{luck.randrange(1, 10**6)}.{luck.randrange(10, 99)}1"

    traded = []
    for hour in range(48):
        often = luck.choice([0.0, 0.01, 0.3])
        for minute in range(60):
            if luck.random() < often:
                o, c = price(), price()
                high, low = max(o, c, price(), key=Decimal), min(o, c, price(), key=Decimal)
                volume = f"{luck.randrange(10**12)}.{luck.randrange(1, 9)}"
                traded.append(candle(60 * hour + minute, c, open=o, high=high, low=low, volume=volume))
    return traded


def close(world: World, traded: Sequence[Candle], first: int, last: int) -> None:
    """The pipeline closes minutes, from one number since `T0` to another, and rolls up what they complete."""
    inside = [c for c in traded if T0 + first * MINUTE <= c.open_time <= T0 + last * MINUTE]
    book = CandleBook(world.front.redis, world.lease, 5000)
    world.run(book.close(inside, [Known(BTC, T0 + first * MINUTE, T0 + last * MINUTE)]))


def begin(world: World, buckets: int) -> None:
    """All series are known since some buckets before `T0`, in which nothing was traded."""
    for timeframe in Timeframe:
        series = BTC._replace(timeframe=timeframe)
        world.known(series, T0 - buckets * timeframe.ms, T0 - timeframe.ms)


def truth(traded: Sequence[Candle], ms: int, end: int) -> list[tuple[str, ...]]:
    """Buckets that are over by then (ms), folded from minutes at one stroke, in exact fractions."""
    buckets: dict[int, list[Candle]] = defaultdict(list)
    for one in traded:
        buckets[one.open_time // ms * ms].append(one)
    return [
        (
            iso(at),
            inside[0].open,
            max((c.high for c in inside), key=Fraction),
            min((c.low for c in inside), key=Fraction),
            inside[-1].close,
            plain(sum((Fraction(c.volume) for c in inside), Fraction(0))),
        )
        for at, inside in sorted(buckets.items())
        if at + ms <= end
    ]


def plain(amount: Fraction) -> str:
    """A number with one decimal at most, as text."""
    whole, tenths = divmod(amount * 10, 10)
    return f"{whole}.{tenths}" if tenths else str(whole)


def told(answers: Sequence[Any]) -> list[tuple[str, ...]]:
    names = ("timestamp", "open", "high", "low", "close", "volume")
    return [tuple(row[name] for name in names) for answer in answers for row in answer["data"]]


@pytest.mark.parametrize("seed", range(4))
def test_they_equal_the_fold_of_the_minutes_and_every_way_of_paging_gives_each_once(world: World, seed: int) -> None:
    luck = random.Random(seed)
    traded = minutes(luck)
    end = luck.randrange(1, 2880)
    begin(world, luck.randrange(1, 8))
    close(world, traded, 0, end - 1)
    for whole in Rolled:
        expected = truth(traded, whole.ms, T0 + end * MINUTE)
        for limit in (1, luck.randrange(2, 20), 1000):
            forward = told(list(pages(world, url(whole), limit=limit, start_time=iso(T0 - 10 * MINUTE))))
            assert forward == expected, (seed, whole, limit)
            back = [told([page]) for page in pages(world, url(whole), limit=limit)]
            assert [row for page in back[::-1] for row in page] == expected, (seed, whole, limit)
            falling = told(list(pages(world, url(whole), limit=limit, order="desc")))
            assert falling == expected[::-1], (seed, whole, limit)


@pytest.mark.parametrize("query", [{}, {"start_time": half(0)}, {"order": "desc"}])
def test_following_cursors_gives_each_once_while_the_pipeline_goes_on(world: World, query: dict[str, object]) -> None:
    traded = minutes(random.Random(7))
    begin(world, 2)
    close(world, traded, 0, 1439)
    before, found, end = truth(traded, HALF.ms, T0 + 1440 * MINUTE), list[str](), 1440
    for page in pages(world, URL, limit=7, **query):
        found += opens(page)
        close(world, traded, end, end + 99)
        end += 100
    assert len(found) == len(set(found))
    assert {row[0] for row in before} <= set(found)


def test_they_have_the_declared_form_and_bounds_hold(world: World) -> None:
    world.store(*(quarter(n, f"{100 + n}.5") for n in range(12)))
    world.known(QUARTERS, T0, T0 + 11 * QUARTERS.timeframe.ms)
    answer = world.ask(f"/public/v1{URL}?start_time={half(1)}&end_time={half(4)}")
    CandlePage.model_validate_json(answer.body)
    assert opens(answer.json()) == [half(1), half(2), half(3)]
    assert answer.json()["data"][0] == {
        "timestamp": half(1), "open": "102.5", "high": "103.5", "low": "102.5", "close": "103.5", "volume": "2",
        "symbol": "BTC-USD", "exchange": "coinbase", "timeframe": "30m", "revision": 0,
    }  # fmt: skip
    inside = iso(T0 + HALF.ms + 1)
    assert opens(world.get(URL, start_time=inside, end_time=inside)) == []
    assert opens(world.get(URL, start_time=inside, limit=1)) == [half(2)]
    assert opens(world.get(URL, end_time=inside)) == [half(0), half(1)]


def test_there_is_none_before_all_of_its_parts_are_known(world: World) -> None:
    world.store(quarter(0), quarter(1), quarter(2))
    world.known(QUARTERS, T0, T0 + 2 * QUARTERS.timeframe.ms)
    assert opens(world.get(URL)) == [half(0)]
    world.known(QUARTERS, T0, T0 + 3 * QUARTERS.timeframe.ms)
    assert opens(world.get(URL)) == [half(0), half(1)]
    world.known(QUARTERS, T0 + QUARTERS.timeframe.ms, T0 + 3 * QUARTERS.timeframe.ms)
    assert opens(world.get(URL)) == [half(1)]


def test_one_that_has_lost_a_part_that_is_no_longer_kept_is_gone_too(world: World) -> None:
    world.store(*(quarter(n) for n in range(LEAST_KEPT + 1)), history=LEAST_KEPT)
    world.known(QUARTERS, T0, T0 + LEAST_KEPT * QUARTERS.timeframe.ms)
    whole = [half(n) for n in range(1, LEAST_KEPT // 2)]
    for limit in (9, 174, 175, 1000):
        assert [at for page in pages(world, URL, limit=limit, start_time=half(0)) for at in opens(page)] == whole
        assert [at for page in pages(world, URL, limit=limit, order="desc") for at in opens(page)] == whole[::-1]
    first = world.get(URL, limit=1, start_time=half(0))
    assert (opens(first), first["meta"]["has_more"]) == ([half(1)], True)
    assert world.get(URL, start_time=half(1))["meta"]["complete"] is True
    assert world.get(URL, start_time=half(0))["meta"]["complete"] is False


@pytest.fixture
def sent(world: World) -> Iterator[Callable[[], list[str]]]:
    """Which commands the server has been sent since it was asked the last time, in their order."""
    world.redis.run(command("CONFIG", "SET", "slowlog-log-slower-than", 0, read=nothing))
    log = command("SLOWLOG", "GET", -1, read=lambda told: [entry[3][0].decode() for entry in told[::-1]])

    def ask() -> list[str]:
        found = world.redis.run(log)
        world.redis.run(command("SLOWLOG", "RESET", read=nothing))
        return found

    yield ask
    world.redis.run(command("CONFIG", "SET", "slowlog-log-slower-than", 10_000, read=nothing))


@pytest.mark.parametrize("timeframe", ["15m", "30m"])
@pytest.mark.parametrize("route", ["candles", "coverage"])
def test_what_is_known_is_read_before_what_is_there_and_what_is_kept_after_it(
    world: World, sent: Callable[[], list[str]], route: str, timeframe: str
) -> None:
    """Otherwise a candle that is closed or given up in between would seem never to have been traded."""
    world.store(*(quarter(n) for n in range(8)))
    world.known(QUARTERS, T0, T0 + 7 * QUARTERS.timeframe.ms)
    path = f"/{route}/coinbase/BTC-USD/{timeframe}"
    world.get(path)
    sent()
    world.get(path)
    found = [name for name in sent() if name in {"HMGET", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZCARD", "ZRANGE"}]
    assert [name.replace("REV", "") for name in found] == ["HMGET", "ZRANGEBYSCORE", "ZCARD", "ZRANGE", "ZRANGE"]


def test_a_correction_of_a_part_is_one_of_the_whole(world: World) -> None:
    world.store(quarter(0), quarter(1))
    world.known(QUARTERS, T0, T0 + QUARTERS.timeframe.ms)
    tag = world.ask("/public/v1" + URL).headers["etag"]
    for corrected, close_, revision in ((quarter(1, "105"), "105", 1), (quarter(0, "90"), "105", 2)):
        world.store(corrected)
        (row,) = world.get(URL)["data"]
        assert (row["close"], row["revision"]) == (close_, revision)
    again = world.ask("/public/v1" + URL, headers={"If-None-Match": tag})
    assert again.status == 200
    assert world.ask("/public/v1" + URL, headers={"If-None-Match": again.headers["etag"]}).status == 304


def test_stale_age_gaps_and_complete_are_those_of_the_parts(world: World) -> None:
    last = QUARTERS.timeframe.last_closed(world.clock.now())
    first = HALF.floor(last) - 4 * HALF.ms
    world.store(
        *(candle((at - T0) // QUARTERS.timeframe.ms, series=QUARTERS) for at in range(first, last + 1, 900_000))
    )
    world.known(QUARTERS, first, last)
    gap = Gap(QUARTERS, first + HALF.ms, first + HALF.ms, Cause.DISCONNECT)
    world.redis.run(gaps.report(world.lease, [gap]))
    answer = world.ask("/public/v1" + URL)
    meta, newest = answer.json()["meta"], parse_iso(answer.json()["data"][-1]["timestamp"])
    assert (meta["stale"], meta["complete"]) == (False, False)
    assert meta["gaps"] == [
        {"start_time": iso(gap.first), "end_time": iso(gap.end), "cause": "disconnect", "verdict": "open"}
    ]
    assert answer.headers["livermore-data-age"] == str((world.clock.now() - newest - HALF.ms) // 1000)
    world.redis.run(gaps.settle(world.lease, [(gap, Verdict.REPAIRED)]))
    assert world.get(URL)["meta"]["complete"] is True
    assert world.get(URL, start_time=iso(first + 2 * HALF.ms))["meta"]["gaps"] == []
    world.clock.advance((newest + 2 * HALF.ms + 10_000 - world.clock.now()) / 1000)
    assert world.get(URL)["meta"]["stale"] is False
    world.clock.advance(0.001)
    assert world.get(URL)["meta"]["stale"] is True


@pytest.mark.parametrize("whole", Rolled)
def test_without_any_part_there_is_nothing_and_it_is_said(world: World, whole: Rolled) -> None:
    nothing = {"count": 0, "next_cursor": None, "has_more": False, "stale": True, "complete": False, "gaps": []}
    assert world.get(url(whole))["meta"] == nothing
    parts: Series = BTC._replace(timeframe=whole.part)
    world.store(candle(1, series=parts))
    world.known(parts, T0 + whole.part.ms, T0 + whole.part.ms)
    assert world.get(url(whole)) == {"success": True, "data": [], "meta": nothing}


def test_a_cursor_is_good_for_its_timeframe_only(world: World) -> None:
    world.store(*(quarter(n) for n in range(8)))
    world.known(QUARTERS, T0, T0 + 7 * QUARTERS.timeframe.ms)
    cursor = world.get(URL, limit=1)["meta"]["next_cursor"]
    answer = world.ask(f"/public/v1/candles/coinbase/BTC-USD/15m?cursor={cursor}")
    assert (answer.status, answer.json()["error"]["param"]) == (400, "cursor")
