"""Positions by the admin API: what is held, its worth and its cost, in decimal strings; what is unknown is null."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from livermore.market.candle import Series
from livermore.market.holding import Holding
from livermore.market.ticker import Ticker
from livermore.market.timeframe import Timeframe
from livermore.store import positions
from livermore.store.positions import Valued
from tests.http.world import World
from tests.support.candles import BTC, candle

NOW = 1_700_000_000_000
HELD = [
    Valued(Holding("BTC", "0.5", "0.4", "BTC Wallet", "id-1"), "31200"),
    Valued(Holding("ETH", "2", "2"), "100.5"),
    Valued(Holding("MOBILE", "12.5", "12.5"), None),
    Valued(Holding("USD", "1523.47", "1523.47", "Cash (USD)"), "1523.47"),
]


@pytest.fixture
def world(admin_world: World) -> World:
    """BTC has a ticker, ETH a candle, and MOBILE nothing."""
    admin_world.watch()
    sync(admin_world, HELD)
    admin_world.tick(Ticker("BTC-USD", "65000.01", "1", "1", "2", "1", "5", NOW))
    eth = BTC._replace(symbol="ETH-USD")
    admin_world.store(candle(0, series=eth, close="49.99"), known=[])
    return admin_world


def sync(world: World, held: list[Valued], at: int = NOW) -> None:
    work = partial(positions.sync, exchange_id=1, exchange="coinbase", valued=held, at=at)
    assert world.database.run(work)


def by_symbol(world: World) -> dict[str, Any]:
    return {one["symbol"]: one for one in world.admin("/positions/coinbase")}


def test_a_position_is_shown_with_what_it_is_worth_and_what_was_gained(world: World) -> None:
    found = by_symbol(world)["BTC"]
    assert (found.pop("outlook"), len(found.pop("timeframes"))) == ("No Data", 3)
    assert found == {
        "exchange": "coinbase", "symbol": "BTC", "displayName": "BTC Wallet", "pair": "BTC-USD", "quantity": "0.5",
        "availableQuantity": "0.4", "costBasis": "31200", "currentPrice": "65000.01", "currentValue": "32500",
        "unrealizedPnL": "1300", "unrealizedPnLPercent": "4.17", "lastUpdated": "2023-11-14T22:13:20.000Z",
    }  # fmt: skip


def test_without_a_ticker_the_last_candle_tells_the_price_and_a_dollar_is_a_dollar(world: World) -> None:
    found = by_symbol(world)
    assert [found["ETH"][name] for name in ("currentPrice", "currentValue", "unrealizedPnL")] == [
        "49.99",
        "99.98",
        "-0.52",
    ]
    assert [found["USD"][name] for name in ("currentPrice", "currentValue", "pair")] == ["1", "1523.47", None]


def test_what_cannot_be_said_is_null_and_never_nought(world: World) -> None:
    found = by_symbol(world)
    unknown = {"costBasis", "currentPrice", "currentValue", "unrealizedPnL", "unrealizedPnLPercent", "pair"}
    assert {name for name, value in found["MOBILE"].items() if value is None} == unknown
    for symbol in ("BTC", "MOBILE"):
        assert found[symbol]["timeframes"].keys() == {"1h", "4h", "1d"}
        assert [cell["value"] for cell in found[symbol]["timeframes"].values()] == [None] * 3
        assert found[symbol]["outlook"] == "No Data"


def test_the_larger_timeframes_say_what_they_say_of_the_pair(world: World) -> None:
    world.signal(Series("coinbase", "BTC-USD", Timeframe.H4), NOW)
    cells = by_symbol(world)["BTC"]["timeframes"]
    assert (cells["4h"]["value"], cells["4h"]["stage"], cells["1d"]["value"]) == (92.5, "rallying", None)


def test_the_portfolio_adds_up(world: World) -> None:
    found = world.admin("/positions")
    assert [one["symbol"] for one in found["positions"]] == ["BTC", "ETH", "MOBILE", "USD"]
    assert found["totalValue"] == str(Decimal(32500) + Decimal("99.98") + Decimal("1523.47")) == "34123.45"
    assert found["totalCostBasis"] == "32823.97"
    assert (found["totalPnL"], found["totalPnLPercent"]) == ("1299.48", "3.96")
    assert found["lastSynced"] == "2023-11-14T22:13:20.000Z"
    assert world.admin("/positions?exchange=coinbase") == found


def test_profit_counts_only_what_has_both_a_value_and_a_cost(world: World) -> None:
    sync(world, [*HELD[:1], Valued(Holding("MOBILE", "1", "1"), "500")], NOW + 1)
    found = world.admin("/positions")
    assert (found["totalValue"], found["totalCostBasis"], found["totalPnL"]) == ("32500", "31700", "1300")


def test_where_nobody_has_asked_there_is_nothing_and_no_time(admin_world: World) -> None:
    assert admin_world.admin("/positions/coinbase") == []
    assert admin_world.admin("/positions?exchange=binance") == {
        "totalValue": "0", "totalCostBasis": "0", "totalPnL": "0", "totalPnLPercent": None, "positions": [],
        "lastSynced": None,
    }  # fmt: skip


@pytest.mark.parametrize("written", ["BTC", "btc", "BTC-USD", "btc%2Fusd"])
def test_one_position_is_found_by_its_currency_or_its_pair(world: World, written: str) -> None:
    assert world.admin(f"/positions/coinbase/{written}")["displayName"] == "BTC Wallet"


@pytest.mark.parametrize("path", ["coinbase/SLP", "binance/BTC", "nowhere/BTC", "nowhere"])
def test_what_is_not_held_is_not_found(world: World, path: str) -> None:
    assert world.admin(f"/positions/{path}", status=404)["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_a_position_has_cost_can_be_said_and_stays(world: World, method: str) -> None:
    changed = world.admin("/positions/coinbase/BTC", method=method, costBasis="30000.50")
    assert (changed["costBasis"], changed["unrealizedPnL"]) == ("30000.5", "2499.5")
    sync(world, HELD, NOW + 1)
    assert by_symbol(world)["BTC"]["costBasis"] == "30000.5"
    assert by_symbol(world)["ETH"]["costBasis"] == "100.5"
    assert world.admin("/positions/coinbase/BTC", method=method, costBasis="0")["unrealizedPnLPercent"] is None


@pytest.mark.parametrize(
    "cost", ["-1", "1.001", "1e3", "", "abc", "1" * 21, 5, 1.5, None, True, ["1"], " 1", "1\n", "\u0661"]
)
def test_a_cost_that_is_no_amount_of_dollars_is_refused_and_changes_nothing(world: World, cost: object) -> None:
    refused = world.admin("/positions/coinbase/BTC", method="PUT", status=400, costBasis=cost)
    assert refused["error"]["param"] == "costBasis"
    assert by_symbol(world)["BTC"]["costBasis"] == "31200"


def test_the_cost_of_what_is_not_held_cannot_be_said(world: World) -> None:
    world.admin("/positions/coinbase/SLP", method="PUT", status=404, costBasis="1")
    assert "SLP" not in by_symbol(world)
