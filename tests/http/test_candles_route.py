"""The public candles: pages of stored bytes."""

from collections.abc import Iterator
from typing import Any

import pytest

from livermore.http.schemas import CandlePage
from livermore.market.candle import Series, to_json
from livermore.market.cursor import LEAST_KEPT
from livermore.market.gap import Cause, Gap, Verdict
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from livermore.store import gaps
from livermore.store.gaps import KEPT_OF_SERIES
from tests.http.world import World
from tests.support.candles import BTC, T0, candle

MINUTE = 60_000
URL = "/candles/coinbase/BTC-USD/1m"
ODD_LIMITS = [
    "",
    "0",
    "-1",
    "1001",
    "1e9",
    "NaN",
    "%D9%A3",
    "+5",
    "%2B5",
    "1_000",
    "1.0",
    "007",
    "0x10",
    "%205",
    "9" * 20,
]


def at(minute: int) -> str:
    return iso(T0 + minute * MINUTE)


def minutes(answer: Any) -> list[str]:
    return [row["timestamp"] for row in answer["data"]]


def pages(world: World, **query: object) -> Iterator[Any]:
    """All pages, by following the cursors alone."""
    answer = world.get(URL, **query)
    yield answer
    while answer["meta"]["next_cursor"]:
        assert answer["meta"]["has_more"] is True
        answer = world.get(URL, limit=query.get("limit", 100), cursor=answer["meta"]["next_cursor"])
        assert answer["data"], "has_more promised a row"
        yield answer
    assert answer["meta"]["has_more"] is False


@pytest.fixture
def ten(world: World) -> World:
    """Ten candles."""
    world.store(*(candle(n, f"{100 + n}.5") for n in range(10)))
    return world


def test_candles_are_the_stored_bytes_and_have_the_declared_form(ten: World) -> None:
    answer = ten.ask("/public/v1" + URL)
    rows = b",".join(to_json(candle(n, f"{100 + n}.5")) for n in range(10))
    assert answer.body.startswith(b'{"success":true,"data":[' + rows + b'],"meta":{"count":10,')
    CandlePage.model_validate_json(answer.body)


def test_without_a_start_the_newest_come_first_and_cursors_lead_back(ten: World) -> None:
    found = [minutes(page) for page in pages(ten, limit=4)]
    assert found == [
        [at(6), at(7), at(8), at(9)],
        [at(2), at(3), at(4), at(5)],
        [at(0), at(1)],
    ]


def test_with_a_start_pages_go_forward_to_an_end_that_is_not_included(ten: World) -> None:
    found = [minutes(page) for page in pages(ten, limit=3, start_time=at(1), end_time=at(8))]
    assert found == [[at(1), at(2), at(3)], [at(4), at(5), at(6)], [at(7)]]


def test_descending_pages_begin_at_the_end_and_stop_at_the_start(ten: World) -> None:
    found = [minutes(page) for page in pages(ten, limit=3, start_time=at(2), end_time=at(9), order="desc")]
    assert found == [[at(8), at(7), at(6)], [at(5), at(4), at(3)], [at(2)]]


@pytest.mark.parametrize("query", [{}, {"start_time": at(0)}, {"order": "desc"}])
@pytest.mark.parametrize("limit", [1, 3, 5, 9, 10, 11])
def test_has_more_is_true_exactly_when_there_is_another_page(ten: World, limit: int, query: dict[str, object]) -> None:
    found = [row for page in pages(ten, limit=limit, **query) for row in minutes(page)]
    assert sorted(found) == [at(n) for n in range(10)]


@pytest.mark.parametrize("query", [{}, {"start_time": at(0)}, {"order": "desc"}])
def test_following_cursors_gives_each_row_once_while_candles_are_added(ten: World, query: dict[str, object]) -> None:
    found: list[str] = []
    for added, page in enumerate(pages(ten, limit=2, **query)):
        found += minutes(page)
        if added < 6:
            ten.store(candle(10 + added))
    assert len(found) == len(set(found))
    assert {at(n) for n in range(10)} <= set(found)


def test_a_cursor_keeps_its_bounds_and_takes_narrower_ones(ten: World) -> None:
    first = ten.get(URL, limit=2, start_time=at(0), end_time=at(6))
    cursor = first["meta"]["next_cursor"]
    assert minutes(ten.get(URL, limit=9, cursor=cursor)) == [at(n) for n in range(2, 6)]
    assert minutes(ten.get(URL, limit=9, cursor=cursor, start_time=at(0), end_time=at(4))) == [at(2), at(3)]


def test_a_time_between_two_candles_belongs_to_neither(ten: World) -> None:
    late = at(3).replace("00.000Z", "00.000000001Z")
    assert minutes(ten.get(URL, start_time=late))[0] == at(4)
    assert minutes(ten.get(URL, start_time=at(3)))[0] == at(3)
    assert minutes(ten.get(URL, start_time=at(0), end_time=late))[-1] == at(3)


def test_a_correction_is_served_with_its_revision(ten: World) -> None:
    ten.store(candle(9, "200"))
    assert [(row["close"], row["revision"]) for row in ten.get(URL, limit=1)["data"]] == [("200", 1)]


def test_an_empty_series_is_an_empty_page(world: World) -> None:
    answer = world.get(URL)
    assert answer["data"] == []
    assert answer["meta"] == {
        "count": 0, "next_cursor": None, "has_more": False, "stale": True, "complete": False,
        "gaps": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    "written", ["BTC-USD", "btc-usd", "BTC%2FUSD", "btc%2Fusd", "BTCUSD", "btcusd", "B%54C-USD"]
)  # fmt: skip
def test_every_spelling_of_a_symbol_is_answered_canonically(ten: World, written: str) -> None:
    answer = ten.get(f"/candles/coinbase/{written}/1m", limit=1)
    assert answer["data"][0]["symbol"] == "BTC-USD"


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/candles/binance2/BTC-USD/1m", "exchange"),
        ("/candles/COINBASE/BTC-USD/1m", "exchange"),
        ("/candles/1/BTC-USD/1m", "exchange"),
        ("/candles/coinbase/DOGE-USD/1m", "symbol"),
        ("/candles/coinbase/%7B1%7D:BTC-USD/1m", "symbol"),
        ("/candles/coinbase/BTC-USD:1m/1m", "symbol"),
        ("/candles/coinbase/BTC-USD%0A/1m", "symbol"),
        ("/candles/coinbase/%D9%A3/1m", "symbol"),
    ],
)
def test_what_is_not_there_is_not_found(ten: World, path: str, param: str) -> None:
    answer = ten.ask("/public/v1" + path)
    assert (answer.status, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize("word", ["3m", "12h", "1w", "1M", "1", "", "1m%0A", "%D9%A1m"])
def test_another_timeframe_is_refused_with_those_there_are(ten: World, word: str) -> None:
    answer = ten.ask(f"/public/v1/candles/coinbase/BTC-USD/{word}")
    if word:
        assert (answer.status, answer.json()["error"]["param"]) == (400, "timeframe")
        assert "1m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 1d" in answer.json()["error"]["message"]
    else:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("query", "param"),
    [
        *((f"limit={odd}", "limit") for odd in ODD_LIMITS),
        ("limit=1&limit=1", "limit"),
        ("limits=1", "limits"),
        ("symbol=BTC-USD", "symbol"),
        ("LIMIT=5", "LIMIT"),
        ("order=up", "order"),
        ("start_time=2023-01-01", "start_time"),
        ("start_time=1699999200000", "start_time"),
        ("start_time=2023-01-01T00:00:00%2B00:00", "start_time"),
        ("start_time=2023-13-01T00:00:00Z", "start_time"),
        ("start_time=2023-01-01T00:00:00.Z", "start_time"),
        ("end_time=%D9%A2023-01-01T00:00:00Z", "end_time"),
        ("start_time=2023-01-02T00:00:00Z&end_time=2023-01-01T00:00:00Z", "end_time"),
        ("cursor=", "cursor"),
        ("cursor=MTc3MTQxNjAwMDAwMA==", "cursor"),
        ("cursor=AAAAAAAAAAAAAAAA", "cursor"),
        ("cursor=" + "A" * 300, "cursor"),
    ],
)  # fmt: skip
def test_an_odd_parameter_is_refused_by_its_name(ten: World, query: str, param: str) -> None:
    answer = ten.ask(f"/public/v1{URL}?{query}")
    error = answer.json()["error"]
    assert (answer.status, error["code"], error["param"]) == (400, "BAD_REQUEST", param)


def test_a_cursor_is_good_for_its_own_list_and_order_only(ten: World) -> None:
    ten.store(*(candle(n, series=Series("coinbase", "ETH-USD", Timeframe.M1)) for n in range(10)))
    cursor = ten.get(URL, limit=2)["meta"]["next_cursor"]
    tampered = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    eth = "/public/v1/candles/coinbase/ETH-USD/1m"
    for url in (
        f"{eth}?cursor={cursor}",
        f"/public/v1{URL}?cursor={tampered}",
        f"/public/v1{URL}?cursor={cursor}&order=desc",
        f"/public/v1/alerts?cursor={cursor}",
    ):
        assert (ten.ask(url).status, ten.ask(url).json()["error"]["param"]) == (400, "cursor")
    assert ten.ask(f"/public/v1{URL}?cursor={cursor}&order=asc").status == 200


def test_an_answer_that_the_client_holds_is_not_sent_again(ten: World) -> None:
    first = ten.ask("/public/v1" + URL)
    tag = first.headers["etag"]
    assert not tag.startswith("W/")
    for said in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        again = ten.ask("/public/v1" + URL, headers={"If-None-Match": said})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    ten.store(candle(10))
    assert ten.ask("/public/v1" + URL, headers={"If-None-Match": tag}).status == 200


def test_each_encoding_has_its_own_tag(ten: World) -> None:
    plain = ten.ask("/public/v1" + URL)
    zipped = ten.ask("/public/v1" + URL, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.headers["etag"] != plain.headers["etag"]
    again = ten.ask("/public/v1" + URL, headers={"Accept-Encoding": "gzip", "If-None-Match": zipped.headers["etag"]})
    assert again.status == 304


def test_stale_and_age_tell_when_the_writer_is_gone(ten: World) -> None:
    now = ten.clock.now()
    newest = Timeframe.M1.last_closed(now)
    ten.known(BTC, T0, newest)
    answer = ten.ask("/public/v1" + URL)
    assert answer.headers["livermore-data-age"] == str((now - newest - MINUTE) // 1000)
    assert answer.json()["meta"]["stale"] is False
    ten.clock.advance((newest + 2 * MINUTE + 10_000 - now) / 1000)
    assert ten.get(URL)["meta"]["stale"] is False
    ten.clock.advance(0.001)
    answer = ten.ask("/public/v1" + URL)
    assert answer.json()["meta"]["stale"] is True
    assert answer.headers["livermore-data-age"] == "70"


def test_complete_says_that_a_missing_candle_had_no_trades(world: World) -> None:
    world.store(candle(0), candle(1), candle(5))
    world.known(BTC, T0, T0 + 5 * MINUTE)
    assert world.get(URL)["meta"]["complete"] is True
    assert world.get(URL, start_time=at(2), end_time=at(5))["meta"]["complete"] is True
    assert world.get(URL, start_time=at(-1), end_time=at(5))["meta"]["complete"] is False
    assert world.get(URL, start_time=at(2), end_time=at(9))["meta"]["complete"] is False
    world.known(BTC, T0 + 3 * MINUTE, T0 + 5 * MINUTE)
    assert world.get(URL)["meta"]["complete"] is False
    assert world.get(URL, limit=1)["meta"]["complete"] is True


def test_what_is_no_longer_kept_is_not_complete(world: World) -> None:
    world.store(*(candle(n) for n in range(LEAST_KEPT + 1)), history=LEAST_KEPT)
    world.known(BTC, T0, T0 + LEAST_KEPT * MINUTE)
    assert world.get(URL, limit=1000)["meta"]["count"] == LEAST_KEPT
    assert world.get(URL, limit=1000, start_time=at(1))["meta"]["complete"] is True
    assert world.get(URL, limit=1000, start_time=at(0))["meta"]["complete"] is False


def test_before_the_oldest_gap_of_a_full_ledger_nothing_is_sure(ten: World) -> None:
    ten.known(BTC, T0 - MINUTE, T0 + 9 * MINUTE)
    settled = [(missed(n, n), Verdict.NO_TRADES) for n in range(KEPT_OF_SERIES)]
    ten.redis.run(gaps.settle(ten.lease, settled[1:]))
    assert ten.get(URL, start_time=at(0))["meta"]["complete"] is True
    ten.redis.run(gaps.settle(ten.lease, settled[:1]))
    assert ten.get(URL, start_time=at(0))["meta"]["complete"] is True
    assert ten.get(URL, start_time=at(-1))["meta"]["complete"] is False


def missed(first: int, last: int) -> Gap:
    """Minutes since `T0`."""
    return Gap(BTC, T0 + first * MINUTE, T0 + last * MINUTE, Cause.DISCONNECT)


def test_gaps_of_the_answered_span_are_told_with_their_causes_and_verdicts(ten: World) -> None:
    ten.known(BTC, T0, T0 + 9 * MINUTE)
    ten.redis.run(gaps.report(ten.lease, [missed(2, 3)]))
    told = {"start_time": at(2), "end_time": at(4), "cause": "disconnect", "verdict": "open"}
    for query in ({"start_time": at(0)}, {"start_time": at(3)}, {"end_time": at(3)}, {"limit": 10}):
        assert ten.get(URL, **query)["meta"]["gaps"] == [told]
    for query in ({"start_time": at(4)}, {"end_time": at(2)}, {"limit": 6}):
        assert ten.get(URL, **query)["meta"]["gaps"] == []


def test_what_is_not_repaired_is_not_complete(ten: World) -> None:
    ten.known(BTC, T0, T0 + 9 * MINUTE)
    for verdict, complete in ((Verdict.REPAIRED, True), (Verdict.NO_TRADES, True), (Verdict.UNREPAIRED, False)):
        ten.redis.run(gaps.report(ten.lease, [missed(2, 3)]))
        assert ten.get(URL)["meta"]["complete"] is False
        ten.redis.run(gaps.settle(ten.lease, [(missed(2, 3), verdict)]))
        assert ten.get(URL)["meta"]["complete"] is complete
        assert ten.get(URL, start_time=at(4))["meta"]["complete"] is True


def test_simulated_data_say_so(ten: World) -> None:
    assert "simulated" not in ten.get(URL)["meta"]
    ten.begin(simulated=True)
    assert ten.get(URL)["meta"]["simulated"] is True


def test_a_page_costs_five_commands(ten: World) -> None:
    ten.followed()
    ten.get(URL)
    counted = ten.commands()
    ten.get(URL)
    spent = {name: calls - counted.get(name, 0) for name, calls in ten.commands().items()}
    beside = {"xread", "info"}
    assert {name: calls for name, calls in spent.items() if calls and name not in beside} == {
        "zrevrangebyscore": 1,
        "hmget": 1,
        "zcard": 1,
        "zrange": 2,
    }
