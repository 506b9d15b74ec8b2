"""The admin API of the network: who runs which exchange, what became of it, and how new its candles are."""

from typing import Any

import pytest

from livermore.lifecycle import Change, Phase
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import activity, instances, keys, warmup
from livermore.store.fence import put
from livermore.store.instances import Sighting
from livermore.store.query import command, nothing
from livermore.store.warmup import Stats
from tests.http.test_lists import list_products
from tests.http.world import World
from tests.support.candles import T0, candle


def enter(world: World, *ids: str, exchange: str = "coinbase") -> None:
    """Entries with these ids, each telling which it is."""
    for id_ in ids:
        told = ("event", "error", "error", f"{exchange} {id_}", "timestamp", "then")
        world.redis.run(command("XADD", keys.activity(exchange), id_, *told, read=nothing))


def all_of(world: World, path: str, limit: int) -> list[list[str]]:
    """All pages that the cursors lead through, as what their entries tell."""
    pages, cursor = [], ""
    while True:
        told = world.admin(f"{path}?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        pages.append([entry["error"] for entry in told["entries"]])
        cursor = told["next_cursor"]
        if cursor is None:
            return pages
        assert len(pages) < 100


def test_instances_are_all_exchanges_and_whether_somebody_runs_them(admin_world: World) -> None:
    admin_world.beside()
    admin_world.report("active")
    found = {one["exchange"]: one for one in admin_world.admin("/instances")["instances"]}
    assert {"coinbase", "binance", "binance_us"} <= found.keys()
    coinbase = found["coinbase"]
    assert (coinbase["exchange_id"], coinbase["display_name"], coinbase["online"]) == (
        1,
        "Coinbase Advanced Trade",
        True,
    )
    assert (coinbase["status"]["connectionState"], coinbase["status"]["hostname"]) == ("active", "elsewhere")
    assert (found["binance"]["online"], found["binance"]["status"]) == (False, None)
    admin_world.redis.run(
        command("LPUSH", admin_world.keys.history, '{"from":"idle","to":"starting","at":0}', read=int)
    )
    changes = [{"from": "idle", "to": "starting", "at": "1970-01-01T00:00:00.000Z"}]
    assert admin_world.admin("/instances/coinbase") == coinbase | {"history": changes}


def sighting(pid: int, seen: int, *, held: bool = False) -> Sighting:
    return Sighting("here", pid, "then", "idle", "run", held, standby=not held, since=seen - pid, seen=seen)


def test_processes_that_stand_by_are_told_after_the_holder_and_those_that_are_gone_are_not(admin_world: World) -> None:
    now = admin_world.clock.wall()
    for one in (sighting(1, now), sighting(2, now, held=True), sighting(3, now - 3_600_000)):
        admin_world.redis.run(instances.show(admin_world.keys, one))
    told = admin_world.admin("/instances/coinbase")["processes"]
    assert [(one["pid"], one["held"], one["standby"]) for one in told] == [(2, True, False), (1, False, True)]
    assert admin_world.admin("/instances/binance")["processes"] == []


@pytest.mark.parametrize("status", ["", "{", '{"exchangeId":"x"}', "[]", "null", '{"connectionState":"active"}'])
def test_a_status_that_cannot_be_read_is_none_and_takes_nothing_down(admin_world: World, status: str) -> None:
    admin_world.redis.run(put(admin_world.lease, admin_world.keys.status, status.encode()))
    told = admin_world.admin("/instances/coinbase")
    assert (told["online"], told["status"]) == (False, None)
    assert admin_world.ask("/health", key=None).status == 200
    assert admin_world.get("/exchanges")["data"][0]["status"] == "offline"


def test_the_activity_of_one_exchange_is_newest_first_and_each_entry_comes_once(admin_world: World) -> None:
    enter(admin_world, "9-0", "9-2", "9-10", "10-0", "100-0")
    expected = [f"coinbase {id_}" for id_ in ("100-0", "10-0", "9-10", "9-2", "9-0")]
    for limit in (1, 2, 4, 5, 200):
        pages = all_of(admin_world, "/activity/coinbase", limit)
        assert [one for page in pages for one in page] == expected
        assert all(len(page) == limit for page in pages[:-1])
    (newest,) = admin_world.admin("/activity/coinbase?limit=1")["entries"]
    assert newest == {"id": "100-0", "event": "error", "error": "coinbase 100-0", "timestamp": "then"}


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_the_activity_of_all_is_in_one_order_and_ids_are_numbers_not_texts(admin_world: World, limit: int) -> None:
    enter(admin_world, "9-0", "10-2", "10-10", "100-0")
    enter(admin_world, "9-0", "10-2", "10-9", "11-0", "100-0", exchange="binance")
    expected = [
        "coinbase 100-0", "binance 100-0", "binance 11-0", "coinbase 10-10", "binance 10-9", "coinbase 10-2",
        "binance 10-2", "coinbase 9-0", "binance 9-0",
    ]  # fmt: skip
    assert [one for page in all_of(admin_world, "/activity", limit) for one in page] == expected


def test_what_comes_in_meanwhile_neither_repeats_nor_hides_an_entry(admin_world: World) -> None:
    enter(admin_world, "1-0", "2-0", "3-0")
    first = admin_world.admin("/activity?limit=2")
    enter(admin_world, "3-1", exchange="binance")
    enter(admin_world, "4-0")
    second = admin_world.admin(f"/activity?limit=2&cursor={first['next_cursor']}")
    told = [entry["id"] for page in (first, second) for entry in page["entries"]]
    assert (told, second["next_cursor"]) == (["3-0", "2-0", "1-0"], None)


def test_a_real_change_is_told_as_it_was_written(admin_world: World) -> None:
    now = admin_world.clock.wall()
    change = Change("coinbase", Phase.WARMING, Phase.ACTIVE, now, "here", 7)
    admin_world.redis.run(activity.write("coinbase", activity.fields(change), now))
    (entry,) = admin_world.admin("/activity/coinbase")["entries"]
    assert (entry["event"], entry["fromState"], entry["toState"]) == ("state_transition", "warming", "active")


def test_no_activity_is_an_empty_page(admin_world: World) -> None:
    assert admin_world.admin("/activity") == {"entries": [], "next_cursor": None}
    assert admin_world.admin("/activity/binance") == {"entries": [], "next_cursor": None}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=-1", "limit=x", "cursor=AAAA", "cursor=" + "A" * 40, "count=5", "limit=1&limit=1"],
)
def test_odd_questions_of_activity_are_refused(admin_world: World, query: str) -> None:
    for path in ("/activity", "/activity/coinbase"):
        refused(admin_world, f"{path}?{query}", 400)


def test_a_cursor_is_good_for_its_own_list_only(admin_world: World) -> None:
    enter(admin_world, "1-0", "2-0")
    cursor = admin_world.admin("/activity/coinbase?limit=1")["next_cursor"]
    refused(admin_world, f"/activity?cursor={cursor}", 400)
    refused(admin_world, f"/activity/binance?cursor={cursor}", 400)


def test_an_exchange_that_is_not_there_is_not_found_anywhere(admin_world: World) -> None:
    for path in ("/instances/nowhere", "/activity/nowhere", "/warmup/nowhere", "/meter/nowhere"):
        assert refused(admin_world, path, 404)["param"] == "exchange"


def test_a_warm_up_is_shown_as_it_was_written_or_not_at_all(admin_world: World) -> None:
    assert admin_world.admin("/warmup/coinbase") == {"stats": None}
    stats = Stats(1, "fetching", "a", "b", 2, 12, 6, 50.0, 30_000, "BTC-USD", "1h", {"BTC-USD": 3})
    admin_world.redis.run(warmup.write(admin_world.lease, stats))
    told = admin_world.admin("/warmup/coinbase")["stats"]
    assert (told["percentComplete"], told["etaMs"], told["pending"]) == (50.0, 30_000, {"BTC-USD": 3})


def test_the_meter_tells_newest_candles_and_how_far_each_series_is_known(admin_world: World) -> None:
    list_products(admin_world, 3)
    admin_world.watch("C001-USD", "C000-USD", "BTC-USD")
    admin_world.clock.advance(2)
    series = Series("coinbase", "C001-USD", Timeframe.M5)
    admin_world.store(candle(0, series=series), candle(1, series=series))
    admin_world.known(series, T0, T0 + 600_000)
    told = admin_world.admin("/meter/coinbase")
    assert (told["exchange"], told["symbols"]) == ("coinbase", ["C001-USD", "C000-USD", "BTC-USD"])
    assert told["timestamps"]["C001-USD"] == dict.fromkeys(Timeframe) | {"5m": T0 + 300_000}
    assert told["known"]["C001-USD"]["5m"] == T0 + 600_000
    assert told["timestamps"]["BTC-USD"] == dict.fromkeys(Timeframe)
    assert told["ranks"] == {"C001-USD": 2, "C000-USD": 1, "BTC-USD": None}


def test_a_meter_of_nothing_is_empty(admin_world: World) -> None:
    told = admin_world.admin("/meter/binance")
    assert told == {"exchange": "binance", "symbols": [], "timestamps": {}, "known": {}, "ranks": {}}


def refused(world: World, path: str, status: int) -> Any:
    """The error of a question that is refused."""
    return world.admin(path, status=status)["error"]
