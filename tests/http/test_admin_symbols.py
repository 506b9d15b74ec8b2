"""The admin API of symbols: pages of the catalogue, search by letters, and what may be watched."""

from collections.abc import Sequence
from typing import Any

import pytest

from livermore.market.product import Product
from livermore.store import catalogue
from livermore.store.settings import DatabasePlace
from tests.http.test_lists import ticker
from tests.http.world import World
from tests.support.candles import T0


@pytest.fixture
def database(sql: DatabasePlace) -> DatabasePlace:
    """Of both kinds."""
    return sql


def product(symbol: str, quote_volume: int, *, online: bool = True) -> Product:
    base, quote = symbol.split("-")
    return Product(symbol, base, quote, "1", "12.50", str(quote_volume), "0.01", "0.1", online=online)


PRODUCTS = [
    product("BTC-USD", 900), product("ETH-USD", 800), product("SOL-USD", 700), product("SOLO-USD", 10),
    product("ABSOL-USD", 650), product("BTC-USDT", 600), product("OFF-USD", 0, online=False),
]  # fmt: skip
WATCHED = ["BTC-USD", "ETH-USD"]


def listed(world: World, products: Sequence[Product] = PRODUCTS) -> World:
    """The world, with a catalogue."""
    world.watch(*WATCHED)
    world.database.run(lambda c: catalogue.refresh(c, 1, products, WATCHED, T0))
    world.clock.advance(2)
    return world


def symbols(told: Any) -> list[str]:
    return [one["symbol"] for one in told["symbols"]]


def test_the_catalogue_is_paged_by_rank_and_says_how_much_there_is(admin_world: World) -> None:
    world = listed(admin_world, [product(f"C{n:02d}-USD", 1000 - n) for n in range(25)])
    told = [world.admin(f"/catalogue/coinbase?page_size=10&page={page}") for page in (1, 2, 3, 4)]
    assert [symbol for page in told for symbol in symbols(page)] == [f"C{n:02d}-USD" for n in range(25)]
    assert [len(page["symbols"]) for page in told] == [10, 10, 5, 0]
    assert {(page["total"], page["total_pages"], page["page_size"]) for page in told} == {(25, 3, 10)}


def test_an_entry_has_all_that_is_known_of_it(admin_world: World) -> None:
    first = listed(admin_world).admin("/catalogue/coinbase")["symbols"][0]
    number, score = first.pop("id"), first.pop("liquidity_score")
    assert number > 0
    assert 0 < score <= 1
    assert first == {
        "symbol": "BTC-USD", "base": "BTC", "quote": "USD", "display_name": "BTC-USD", "volume_24h": "12.5",
        "quote_volume_24h": "900", "rank": 1, "market_cap": None, "trade_count_24h": None, "status": "online",
        "active": True, "watched": True, "updated_at": "2023-11-14T00:00:00.000Z",
    }  # fmt: skip


def test_what_is_not_traded_comes_last_and_filters_take_it_out(admin_world: World) -> None:
    world = listed(admin_world)
    assert symbols(world.admin("/catalogue/coinbase"))[-1] == "OFF-USD"
    active = world.admin("/catalogue/coinbase?filter=active")
    assert (active["total"], "OFF-USD" in symbols(active)) == (6, False)
    assert symbols(world.admin("/catalogue/coinbase?filter=watched")) == WATCHED
    assert world.admin("/catalogue/binance")["total"] == 0


@pytest.mark.parametrize(
    "query",
    ["page_size=9", "page_size=101", "page=0", "page=1001", "filter=mine", "page=1.5", "page_size=10&page_size=10"],
)
def test_odd_questions_of_the_catalogue_are_refused(admin_world: World, query: str) -> None:
    admin_world.admin(f"/catalogue/coinbase?{query}", status=400)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sol", ["SOL-USD", "SOLO-USD", "ABSOL-USD"]),
        ("btcusd", ["BTC-USD", "BTC-USDT"]),
        ("btc-usdt", ["BTC-USDT"]),
        ("btc/usdt", ["BTC-USDT"]),
        ("off", []),
        ("zzz", []),
        ("-", []),
    ],
)
def test_a_search_gives_what_begins_with_the_letters_first(admin_world: World, query: str, found: list[str]) -> None:
    assert symbols(listed(admin_world).admin(f"/catalogue/coinbase/search?query={query}")) == found


def test_a_search_is_bounded_and_its_letters_are_no_pattern(admin_world: World) -> None:
    world = listed(admin_world)
    assert symbols(world.admin("/catalogue/coinbase/search?query=sol&limit=1")) == ["SOL-USD"]
    for query in ("", "a" * 21, "%25", "_", "a%27b", "%C3%A9", "a%20b", "sol&limit=101"):
        world.admin(f"/catalogue/coinbase/search?query={query}", status=400)


@pytest.mark.parametrize("written", ["SOL-USD", "sol-usd", "SOLUSD", "solusd", "SOL%2FUSD"])
def test_a_symbol_is_valid_in_any_spelling(admin_world: World, written: str) -> None:
    told = listed(admin_world).admin(f"/catalogue/coinbase/validate?symbol={written}")
    assert (told["valid"], told["symbol"], told["watched"]) == (True, "SOL-USD", False)
    assert told["metrics"].items() >= {"price": None, "volume_24h": "12.5", "base": "SOL", "quote": "USD"}.items()


def test_of_what_is_watched_the_newest_price_is_told(admin_world: World) -> None:
    world = listed(admin_world)
    world.tick(ticker("BTC-USD", "64000.5"))
    told = world.admin("/catalogue/coinbase/validate?symbol=btc-usd")
    assert (told["watched"], told["metrics"]["price"], told["metrics"]["price_change_24h"]) == (True, "64000.5", "-0.5")


@pytest.mark.parametrize(
    ("written", "error"), [("NOPE-USD", "not listed"), ("OFF-USD", "not traded"), ("x", "not listed")]
)
def test_what_cannot_be_watched_says_why(admin_world: World, written: str, error: str) -> None:
    told = listed(admin_world).admin(f"/catalogue/coinbase/validate?symbol={written}")
    assert told == {"valid": False, "symbol": written.upper(), "error": error}


def test_many_symbols_are_sorted_into_valid_invalid_and_duplicate(admin_world: World) -> None:
    written = ["SOLUSD", "nope-usd", "BTC/USD", "sol-usd", "OFF-USD", "ABSOL-USD", "nope-usd"]
    told = listed(admin_world).admin("/catalogue/coinbase/validate", method="POST", symbols=written)
    assert told == {
        "valid": [{"symbol": "SOL-USD"}, {"symbol": "ABSOL-USD"}],
        "invalid": [{"symbol": "NOPE-USD", "error": "not listed"}, {"symbol": "OFF-USD", "error": "not traded"}],
        "duplicate": [
            {"symbol": "BTC-USD", "error": "watched already"}, {"symbol": "SOL-USD", "error": "named twice"},
            {"symbol": "NOPE-USD", "error": "named twice"},
        ],
        "summary": {"total": 7, "valid": 2, "invalid": 2, "duplicate": 3},
    }  # fmt: skip


@pytest.mark.parametrize("symbols", [[], ["A-USD"] * 51, "BTC-USD", [""], ["x" * 51], [1], [["BTC-USD"]], None])
def test_odd_lists_of_symbols_are_refused(admin_world: World, symbols: Any) -> None:
    refused = admin_world.admin("/catalogue/coinbase/validate", method="POST", status=400, symbols=symbols)
    assert refused["error"]["param"] == "symbols"


def test_an_exchange_that_is_not_there_has_no_catalogue(admin_world: World) -> None:
    for path in ("", "/search?query=a", "/validate?symbol=a"):
        assert admin_world.admin(f"/catalogue/nowhere{path}", status=404)["error"]["param"] == "exchange"
    admin_world.admin("/catalogue/nowhere/validate", method="POST", status=404, symbols=["A-USD"])
