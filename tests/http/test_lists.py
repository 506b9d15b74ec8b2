"""The other public lists: signals, alerts, exchanges and symbols."""

from itertools import product

import pytest

from livermore.http.schemas import AlertPage, ExchangePage, SignalPage, SymbolPage
from livermore.market.alert import Alert, alert_id
from livermore.market.candle import Series
from livermore.market.product import Product
from livermore.market.ticker import Ticker
from livermore.market.timeframe import Timeframe
from livermore.store import catalogue
from livermore.store.query import command, nothing
from livermore.store.settings import DatabasePlace
from tests.http.conftest import MakeWorld
from tests.http.world import RECORD, World
from tests.support.candles import BTC, T0

HOUR = Series("coinbase", "BTC-USD", Timeframe.H1)


@pytest.fixture
def database(sql: DatabasePlace) -> DatabasePlace:
    """Of both kinds."""
    return sql


def ticker(symbol: str, price: str) -> Ticker:
    return Ticker(symbol, price, "-1.5", "-0.5", "110", "90", "1234.5", T0)


def alert(
    number: int, symbol: str = "BTC-USD", timeframe: str = "1h", label: str = "level_150", **more: float
) -> Alert:
    id_ = alert_id("level_cross", "coinbase", symbol, timeframe, label, T0 + number)
    return Alert(
        id_, "coinbase", symbol, timeframe, "level_cross", label, more.get("value", 151.0), "100.5", T0 + number,
        T0 + number + 60_000,
        late=number % 2 == 1, details={"stage": "rallying"},
    )  # fmt: skip


def list_products(world: World, count: int) -> None:
    """A catalogue of so many pairs that are all watched."""
    names = [f"C{n:03d}-USD" for n in range(count)]
    products = [
        Product(n, n[:4], "USD", "1", "12.50", str(1000 - i), "0.01", "0.1", online=True) for i, n in enumerate(names)
    ]
    world.watch(*names)
    world.database.run(lambda c: catalogue.refresh(c, 1, products, names, T0))
    world.clock.advance(2)


# signals


def test_signals_have_direction_strength_and_validity_and_nothing_else(world: World) -> None:
    world.signal(HOUR, T0)
    world.tick(ticker("BTC-USD", "64000.5"))
    answer = world.get("/signals/coinbase")
    SignalPage.model_validate(answer)
    assert answer["data"] == [
        {
            "symbol": "BTC-USD", "exchange": "coinbase", "price": "64000.5", "type": "momentum_signal",
            "direction": "bullish", "strength": "strong", "timeframe": "1h", "updated_at": "2023-11-14T00:00:00.000Z",
            "ready": True, "bars_used": 300, "stale": True,
        }
    ]  # fmt: skip
    assert answer["meta"] == {"count": 1, "next_cursor": None, "has_more": False}


def test_all_six_timeframes_are_given_or_those_that_were_asked_for(world: World) -> None:
    for symbol, timeframe in product(("BTC-USD", "ETH-USD"), Timeframe):
        world.signal(Series("coinbase", symbol, timeframe), T0)
    assert world.get("/signals/coinbase")["meta"]["count"] == 12
    assert world.get("/signals/coinbase/btcusd")["meta"]["count"] == 6
    found = world.get("/signals/coinbase/BTC-USD", timeframe="1m,4h")["data"]
    assert [row["timeframe"] for row in found] == ["1m", "4h"]


def test_a_signal_without_a_value_or_that_cannot_be_read_is_left_out(world: World) -> None:
    world.signal(HOUR, T0, params={"stage": "unknown", "seeded": False})
    assert world.get("/signals/coinbase")["data"] == []
    world.signal(HOUR, T0, value=RECORD["value"] | {"macdV": None})
    assert world.get("/signals/coinbase")["data"] == []
    key = world.keys.indicator(HOUR, "macd-v")
    for torn in ('{"timestamp":1', "[]", '{"timestamp":1,"close":"1","value":{"macdV":1.0}}'):
        world.redis.run(command("SET", key, torn, read=nothing))
        assert world.get("/signals/coinbase")["data"] == []
    assert world.get("/signals/coinbase")["data"] == []
    world.signal(HOUR, T0)
    assert len(world.get("/signals/coinbase")["data"]) == 1


def test_a_signal_of_a_fresh_series_is_not_stale_and_without_a_ticker_has_no_price(world: World) -> None:
    newest = Timeframe.H1.last_closed(world.clock.now())
    world.signal(HOUR, newest)
    world.known(HOUR, newest, newest)
    (row,) = world.get("/signals/coinbase")["data"]
    assert (row["stale"], row["price"]) == (False, None)
    world.clock.advance(2 * 3600)
    assert world.get("/signals/coinbase")["data"][0]["stale"] is True


@pytest.mark.parametrize("odd", ["2h", "1h,1h", "", ",", "1h,", "1H"])
def test_odd_timeframes_of_signals_are_refused(world: World, odd: str) -> None:
    answer = world.ask(f"/public/v1/signals/coinbase?timeframe={odd}")
    assert (answer.status, answer.json()["error"]["param"]) == (400, "timeframe")


# alerts


def test_alerts_come_newest_first_and_each_once_while_they_are_added(world: World) -> None:
    for number in range(7):
        world.alert(alert(number))
    found, cursor, added = list[str](), "", 7
    while True:
        answer = world.get("/alerts", limit=2, **({"cursor": cursor} if cursor else {}))
        AlertPage.model_validate(answer)
        found += [row["id"] for row in answer["data"]]
        world.alert(alert(added := added + 1))
        if not (cursor := answer["meta"]["next_cursor"] or ""):
            break
        assert answer["meta"]["has_more"] is True
    assert found == [alert(number).id for number in reversed(range(7))]


def test_an_alert_tells_direction_and_strength_and_nothing_of_its_trigger(world: World) -> None:
    world.alert(alert(0, label="reversal_overbought", value=-95.0))
    (row,) = world.get("/alerts")["data"]
    assert row == {
        "id": alert(0, label="reversal_overbought").id, "timestamp": "2023-11-14T00:01:00.000Z", "symbol": "BTC-USD",
        "exchange": "coinbase", "timeframe": "1h", "signal_type": "momentum_signal", "direction": "bearish",
        "strength": "strong", "price": "100.5", "late": False,
    }  # fmt: skip


def test_alerts_are_filtered_by_exchange_symbol_in_any_spelling_and_timeframe(world: World) -> None:
    world.alert(alert(0))
    world.alert(alert(1, symbol="ETH-USD"))
    world.alert(alert(2, symbol="GONE-USD", timeframe="1d"))

    def symbols(**query: str) -> list[str]:
        return [row["symbol"] for row in world.get("/alerts", **query)["data"]]

    assert symbols() == ["GONE-USD", "ETH-USD", "BTC-USD"]
    assert symbols(symbol="ethusd") == symbols(symbol="eth%2Fusd", exchange="coinbase") == ["ETH-USD"]
    assert symbols(symbol="gone-usd") == symbols(timeframe="1d") == ["GONE-USD"]
    assert symbols(exchange="kraken") == symbols(symbol="NONE-USD") == []
    assert world.ask("/public/v1/alerts?symbol=whatever").status == 400
    assert world.ask("/public/v1/alerts?exchange=nowhere").status == 404


# exchanges


def test_an_exchange_is_online_stale_or_offline_by_its_pipeline_and_its_data(
    world: World,
) -> None:
    def coinbase() -> tuple[str, int | None]:
        answer = world.get("/exchanges")
        ExchangePage.model_validate(answer)
        row = next(row for row in answer["data"] if row["id"] == "coinbase")
        return row["status"], row["data_age_seconds"]

    assert coinbase() == ("offline", None)
    world.report("active")
    assert coinbase() == ("stale", None)
    now = world.clock.now()
    newest = Timeframe.M1.last_closed(now)
    world.known(BTC, T0, newest)
    assert coinbase() == ("online", (now - newest - 60_000) // 1000)
    world.report("stopping")
    assert coinbase()[0] == "stale"
    world.report("active")
    world.clock.advance(180)
    assert coinbase()[0] == "stale"


def test_exchanges_have_names_for_programs_and_people_and_no_numbers(world: World) -> None:
    answer = world.get("/exchanges")
    row = answer["data"][0]
    assert (row["id"], row["name"], row["symbol_count"]) == ("coinbase", "Coinbase Advanced Trade", 2)
    assert answer["meta"]["count"] == len(answer["data"]) > 1


def test_a_front_for_one_exchange_knows_no_other(make_world: MakeWorld) -> None:
    world = make_world(exchange={"name": "coinbase", "id": 1})
    assert [row["id"] for row in world.get("/exchanges")["data"]] == ["coinbase"]
    assert world.ask("/public/v1/symbols?exchange=kraken").status == 404


# symbols


def test_symbols_have_their_volume_really_filled(world: World) -> None:
    list_products(world, 2)
    world.tick(ticker("C001-USD", "2.5"))
    answer = world.get("/symbols", exchange="coinbase")
    SymbolPage.model_validate(answer)
    first, second = answer["data"]
    assert first == {
        "symbol": "C000-USD", "base": "C000", "quote": "USD", "exchange": "coinbase", "liquidity_grade": "high",
        "last_price": None, "volume_24h": "12.5",
    }  # fmt: skip
    assert (second["last_price"], second["volume_24h"]) == ("2.5", "1234.5")


@pytest.mark.parametrize("limit", [1, 3, 6, 7, 8])
def test_following_cursors_gives_each_symbol_once(world: World, limit: int) -> None:
    list_products(world, 7)
    answer = world.get("/symbols", limit=limit)
    found = [row["symbol"] for row in answer["data"]]
    while cursor := answer["meta"]["next_cursor"]:
        answer = world.get("/symbols", limit=limit, cursor=cursor)
        assert answer["data"]
        found += [row["symbol"] for row in answer["data"]]
    assert answer["meta"]["has_more"] is False
    assert found == [f"C{n:03d}-USD" for n in range(7)]


# what all have in common


@pytest.mark.parametrize("path", ["signals/coinbase", "signals/coinbase/BTC-USD", "alerts", "exchanges", "symbols"])
def test_unknown_and_repeated_parameters_are_refused_by_their_name(world: World, path: str) -> None:
    for query, param in (("nonsense=1", "nonsense"), ("exchange=coinbase&exchange=coinbase", "exchange")):
        answer = world.ask(f"/public/v1/{path}?{query}")
        assert (answer.status, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(("path", "most"), [("alerts", 100), ("symbols", 1000)])
def test_limits_are_bounded(world: World, path: str, most: int) -> None:
    assert world.ask(f"/public/v1/{path}?limit={most}").status == 200
    for odd in ("0", str(most + 1), "-1", "1e2", "+1"):
        answer = world.ask(f"/public/v1/{path}?limit={odd}")
        assert (answer.status, answer.json()["error"]["param"]) == (400, "limit")
    forged = world.ask(f"/public/v1/{path}?cursor=MTIzNDU2Nzg5MDEyMzQ1Ng")
    assert (forged.status, forged.json()["error"]["param"]) == (400, "cursor")


@pytest.mark.parametrize("path", ["signals/coinbase", "alerts", "exchanges", "symbols"])
def test_simulated_data_say_so_everywhere(world: World, path: str) -> None:
    assert "simulated" not in world.get(f"/{path}")["meta"]
    world.begin(simulated=True)
    assert world.get(f"/{path}")["meta"]["simulated"] is True
