"""How far a series reaches: its first and last candle, how many there are, and what was missed."""

from typing import Any

import pytest

from livermore.http.schemas import CoveragePage
from livermore.market.candle import Series
from livermore.market.cursor import LEAST_KEPT
from livermore.market.gap import Cause, Gap, Verdict
from livermore.market.instant import iso
from livermore.market.timeframe import Rolled, Timeframe
from livermore.store import gaps
from livermore.store.gaps import KEPT_OF_SERIES
from livermore.store.query import command, nothing
from tests.http.world import World
from tests.support.candles import BTC, T0, candle

MINUTE = 60_000
QUARTERS = BTC._replace(timeframe=Timeframe.M15)


def coverage(world: World, timeframe: str = "1m") -> Any:
    answer = world.get(f"/coverage/coinbase/btcusd/{timeframe}")
    CoveragePage.model_validate(answer)
    assert answer["meta"] == {"count": 1, "next_cursor": None, "has_more": False}
    (row,) = answer["data"]
    return row


def minute(number: int) -> str:
    return iso(T0 + number * MINUTE)


@pytest.mark.parametrize("timeframe", ["1m", "1d", *Rolled])
def test_a_series_without_anything_says_so(world: World, timeframe: str) -> None:
    assert coverage(world, timeframe) == {
        "symbol": "BTC-USD", "exchange": "coinbase", "timeframe": timeframe, "first": None, "last": None, "count": 0,
        "known_from": None, "known_to": None, "complete": False, "stale": True, "gaps": [], "gaps_cut": False,
    }  # fmt: skip


def test_first_and_last_are_open_times_and_what_is_known_may_reach_beyond_them(world: World) -> None:
    world.store(candle(2), candle(3), candle(7))
    world.known(BTC, T0, T0 + 9 * MINUTE)
    row = coverage(world)
    assert (row["first"], row["last"], row["count"]) == (minute(2), minute(7), 3)
    assert (row["known_from"], row["known_to"], row["complete"]) == (minute(0), minute(10), True)


def test_it_is_complete_when_a_page_with_all_of_it_is(world: World) -> None:
    world.store(candle(0), candle(9))
    for since, verdict in ((0, None), (1, None), (0, Verdict.UNREPAIRED), (0, Verdict.NO_TRADES)):
        world.known(BTC, T0 + since * MINUTE, T0 + 9 * MINUTE)
        if verdict is not None:
            gap = Gap(BTC, T0 + 3 * MINUTE, T0 + 4 * MINUTE, Cause.SILENCE)
            world.redis.run(gaps.settle(world.lease, [(gap, verdict)]))
        page = world.get("/candles/coinbase/BTC-USD/1m")["meta"]
        assert coverage(world)["complete"] is page["complete"]
    assert page["complete"] is False, "one of the two verdicts stands there still"


def test_stale_tells_when_the_writer_is_gone(world: World) -> None:
    newest = Timeframe.M1.last_closed(world.clock.now())
    world.known(BTC, T0, newest)
    assert coverage(world)["stale"] is False
    world.clock.advance(180)
    assert coverage(world)["stale"] is True


def test_gaps_have_cause_and_verdict_and_are_the_newest_that_are_kept(world: World) -> None:
    world.known(BTC, T0, T0 + 999 * MINUTE)
    found = [Gap(BTC, T0 + n * MINUTE, T0 + n * MINUTE, Cause.DISCONNECT) for n in range(KEPT_OF_SERIES)]
    world.redis.run(gaps.report(world.lease, found[1:]))
    row = coverage(world)
    assert row["gaps"][0] == {
        "start_time": minute(1), "end_time": minute(2), "cause": "disconnect", "verdict": "open"
    }  # fmt: skip
    assert (len(row["gaps"]), row["gaps_cut"]) == (KEPT_OF_SERIES - 1, False)
    for extra in (found[0], Gap(BTC, T0 + 900 * MINUTE, T0 + 900 * MINUTE, Cause.SILENCE)):
        world.redis.run(gaps.report(world.lease, [extra]))
        row = coverage(world)
        assert (len(row["gaps"]), row["gaps_cut"]) == (KEPT_OF_SERIES, True)
    assert row["gaps"][-1]["start_time"] == minute(900)


def test_a_gap_with_a_word_of_a_newer_writers_is_shown_as_it_is(world: World) -> None:
    gap = Gap(BTC, T0, T0, Cause.SILENCE)
    newer = gaps.to_json(gap, "pondered").replace("silence", "eclipse")
    world.redis.run(command("ZADD", world.keys.gaps_of(BTC), T0, newer, read=nothing))
    world.known(BTC, T0, T0)
    (told,) = world.get("/coverage/coinbase/BTC-USD/1m")["data"][0]["gaps"]
    assert told == {"start_time": minute(0), "end_time": minute(1), "cause": "eclipse", "verdict": "pondered"}


def test_what_is_no_longer_kept_is_not_known(world: World) -> None:
    world.store(*(candle(n) for n in range(LEAST_KEPT + 1)), history=LEAST_KEPT)
    world.known(BTC, T0, T0 + LEAST_KEPT * MINUTE)
    row = coverage(world)
    assert (row["first"], row["known_from"], row["count"]) == (minute(1), minute(1), LEAST_KEPT)


@pytest.mark.parametrize("whole", Rolled)
def test_of_candles_that_are_made_those_count_that_are_given(world: World, whole: Rolled) -> None:
    parts: Series = BTC._replace(timeframe=whole.part)
    count = LEAST_KEPT + 32
    world.store(*(candle(n, series=parts) for n in range(1, count) if n % 20), history=LEAST_KEPT)
    world.known(parts, T0 + parts.timeframe.ms, T0 + count * parts.timeframe.ms)
    given = world.get(f"/candles/coinbase/BTC-USD/{whole}", limit=1000)["data"]
    row = coverage(world, whole)
    assert (row["first"], row["last"], row["count"]) == (given[0]["timestamp"], given[-1]["timestamp"], len(given))
    assert row["known_from"] == row["first"], "its parts are no longer kept before"
    assert row["known_to"] == iso(whole.floor(T0 + (count + 1) * parts.timeframe.ms))
    assert row["complete"] is True


def test_gaps_of_candles_that_are_made_are_those_of_their_parts(world: World) -> None:
    world.store(candle(0, series=QUARTERS), candle(1, series=QUARTERS))
    world.known(QUARTERS, T0, T0 + 15 * MINUTE)
    world.redis.run(gaps.report(world.lease, [Gap(QUARTERS, T0, T0, Cause.SEQUENCE_GAP)]))
    row = coverage(world, "30m")
    assert [gap["start_time"] for gap in row["gaps"]] == [minute(0)]
    assert row["complete"] is False


@pytest.mark.parametrize(
    ("path", "status", "param"),
    [
        ("/nowhere/BTC-USD/1m", 404, "exchange"),
        ("/coinbase/DOGE-USD/1m", 404, "symbol"),
        ("/coinbase/BTC-USD/3m", 400, "timeframe"),
        ("/coinbase/BTC-USD/1m?limit=5", 400, "limit"),
    ],
)
def test_what_is_not_there_is_refused_by_its_name(world: World, path: str, status: int, param: str) -> None:
    answer = world.ask(f"/public/v1/coverage{path}")
    assert (answer.status, answer.json()["error"]["param"]) == (status, param)
