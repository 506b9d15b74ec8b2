"""The admin API of alerts: the newest of all exchanges in full, by what they are of, and one record with details."""

from typing import Any

import msgspec
import pytest

from livermore.market.alert import Alert, alert_id
from livermore.store.settings import DatabasePlace
from tests.http.conftest import MakeWorld
from tests.http.test_lists import alert
from tests.http.world import TOKEN, World
from tests.support.candles import T0


@pytest.fixture
def database(sql: DatabasePlace) -> DatabasePlace:
    """Of both kinds."""
    return sql


def of_binance(number: int) -> Alert:
    id_ = alert_id("reversal", "binance", "BTC-USDT", "4h", "reversal_oversold", T0 + number)
    return msgspec.structs.replace(
        alert(number, "BTC-USDT", "4h", "reversal_oversold"), id=id_, exchange="binance", details={"histogram": 9.5}
    )


@pytest.fixture
def raised(admin_world: World) -> World:
    """Three alerts of one exchange and two of another, in turns."""
    binance = admin_world.beside()
    for number, label in enumerate(("level_150", "reversal_oversold", "level_-150")):
        admin_world.alert(alert(number, label=label))
        if number:
            binance.alert(of_binance(number))
    return admin_world


def ids(world: World, query: str = "") -> list[str]:
    return [one["id"] for one in world.admin(f"/alerts{query}")["alerts"]]


def test_the_newest_of_all_exchanges_come_first_and_in_full(raised: World) -> None:
    found = raised.admin("/alerts")["alerts"]
    assert [one["exchange"] for one in found] == ["binance", "coinbase", "binance", "coinbase", "coinbase"]
    assert found[0]["signal_delta"] == 9.5
    assert found[-1] == {
        "id": alert(0).id, "exchange": "coinbase", "symbol": "BTC-USD", "timeframe": "1h", "alert_type": "macdv",
        "label": "level_150", "previous_label": None, "price": "100.5", "trigger_value": 151.0, "signal_delta": None,
        "candle_time": "2023-11-14T00:00:00.000Z", "triggered_at": "2023-11-14T00:01:00.000Z", "late": False,
        "notified": False, "notice_error": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?exchange=binance", 2), ("?exchange=coinbase", 3), ("?type=level", 2), ("?type=reversal", 3),
        ("?type=stage", 0), ("?symbol=btcusd", 0), ("?symbol=BTC-USD", 3), ("?symbol=btc/usdt", 2),
        ("?timeframe=4h", 2), ("?exchange=binance&type=level", 0), ("?symbol=GONE-USD", 0),
    ],
)  # fmt: skip
def test_they_are_chosen_by_exchange_symbol_timeframe_and_type(raised: World, query: str, count: int) -> None:
    if "btcusd" in query:
        query, count = query + "&exchange=coinbase", 3  # a spelling that only a watched symbol is known by
    assert len(ids(raised, query.replace("/", "%2F"))) == count


@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_following_the_cursors_gives_every_alert_once(raised: World, limit: int) -> None:
    found, told = [], raised.admin(f"/alerts?limit={limit}")
    while True:
        found += [one["id"] for one in told["alerts"]]
        if told["next_cursor"] is None:
            break
        told = raised.admin(f"/alerts?limit={limit}&cursor={told['next_cursor']}")
    assert found == ids(raised)
    assert len(found) == 5


def test_a_record_has_the_details_as_they_were_written(raised: World) -> None:
    told = raised.admin(f"/alerts/{of_binance(1).id}/record")
    assert (told["details"], told["signal_delta"], told["exchange"]) == ({"histogram": 9.5}, 9.5, "binance")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "type=macdv", "exchange=" + "x" * 51, "timeframe=2h", "symbol=a b", "cursor=AAAA"]
)
def test_odd_questions_are_refused(raised: World, query: str) -> None:
    raised.admin(f"/alerts?{query.replace(' ', '%20')}", status=400)


def test_what_is_not_there_is_not_found(raised: World) -> None:
    raised.admin("/alerts?exchange=nowhere", status=404)
    raised.admin(f"/alerts/{'0' * 32}/record", status=404)
    for id_ in ("g" * 32, "0" * 33, "%27"):
        raised.admin(f"/alerts/{id_}/record", status=400)


def test_a_front_of_one_exchange_shows_its_alerts_only(make_world: MakeWorld) -> None:
    world = make_world(routes=("admin_alerts",), admin={"token": TOKEN}, exchange={"name": "binance", "id": 2})
    world.alert(alert(0))
    world.beside().alert(of_binance(0))
    assert ids(world) == [of_binance(0).id]
    assert world.admin(f"/alerts/{alert(0).id}/record", status=404)["error"]["param"] == "id"


def test_the_route_that_explains_an_alert_is_beside_it(raised: World) -> None:
    told: Any = raised.admin(f"/alerts/{alert(0).id}")
    assert told["rule"] == "level_cross"
