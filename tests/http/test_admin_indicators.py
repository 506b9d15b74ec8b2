"""The admin API of indicators: the newest value, the full record, series of values, and portfolios."""

from typing import Any

import pytest

from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from tests.http.test_lists import ticker
from tests.http.world import RECORD, World
from tests.support.candles import BTC, T0, candle

MINUTE = 60_000
PLAIN = {"type": "macd", "value": {"macd": 1.5, "signal": 1.0, "histogram": 0.5}}


@pytest.fixture
def computed(admin_world: World) -> World:
    """Six minutes of values, falling and then rising."""
    for n, value in enumerate((50.0, 40.0, 30.0, 20.0, 25.0, 92.5)):
        admin_world.signal(BTC, T0 + n * MINUTE, value=RECORD["value"] | {"macdV": value, "signal": 30.0})
    admin_world.known(BTC, T0, T0 + 5 * MINUTE)
    return admin_world


def of(path: str) -> str:
    return f"/indicators/coinbase/btcusd/1m/{path}"


def test_the_newest_value_is_told_with_its_candle(computed: World) -> None:
    assert computed.admin(of("value")) == {
        "exchange": "coinbase", "symbol": "BTC-USD", "timeframe": "1m", "type": "macd-v",
        "timestamp": "2023-11-14T00:05:00.000Z", "close": "101.5", "revision": 0, "stale": True, "ready": True,
        "value": RECORD["value"] | {"macdV": 92.5, "signal": 30.0},
    }  # fmt: skip


def test_the_full_record_has_stage_liquidity_and_validity(computed: World) -> None:
    told = computed.admin(of("record"))
    assert (
        told.items()
        >= {"macdV": 92.5, "stage": "rallying", "liquidity": "high", "gapRatio": 0.0, "seeded": True}.items()
    )
    assert told["validity"] == RECORD["validity"]


def test_a_series_is_ascending_and_bounded(computed: World) -> None:
    told = computed.admin(of("series") + "?limit=3")
    assert (told["symbol"], told["timeframe"], told["type"]) == ("BTC-USD", "1m", "macd-v")
    assert [(one["value"], one["histogram"]) for one in told["values"]] == [(20.0, -10.0), (25.0, -5.0), (92.5, 62.5)]
    assert told["values"][-1]["timestamp"] == "2023-11-14T00:05:00.000Z"
    assert len(computed.admin(of("series"))["values"]) == 6


def test_values_that_are_not_defined_yet_are_none(admin_world: World) -> None:
    admin_world.signal(BTC, T0, value=dict.fromkeys(RECORD["value"]), validity=RECORD["validity"] | {"ready": False})
    (one,) = admin_world.admin(of("series"))["values"]
    assert (one["value"], one["signal"], one["histogram"]) == (None, None, None)
    told = admin_world.admin(of("value"))
    assert (told["ready"], told["value"]["macdV"]) == (False, None)
    admin_world.signal(BTC, T0 + MINUTE, value=dict.fromkeys(RECORD["value"]))
    read = admin_world.admin("/analysis/coinbase/btcusd/1m")
    assert (read["macd"], read["histogram_prev"]) == (None, None)


def test_plain_macd_is_told_where_it_is_computed(computed: World) -> None:
    computed.admin(of("value") + "?type=macd", status=404)
    assert computed.admin(of("series") + "?type=macd")["values"] == []
    computed.trail(BTC, "macd", {T0: (1.5, 1.0)}, RECORD | PLAIN | {"timestamp": T0})
    assert computed.admin(of("value") + "?type=macd")["value"] == PLAIN["value"]


def test_an_analysis_has_the_newest_bars_and_what_came_before(computed: World) -> None:
    computed.store(candle(0), candle(1))
    plain = {T0 + n * MINUTE: (float(n), 0.0) for n in range(6)}
    computed.trail(BTC, "macd", plain, RECORD | PLAIN)
    told = computed.admin("/analysis/coinbase/btcusd/1m?histogram_count=2")
    assert told["histogram_prev"] == -5.0
    assert told["histogram_series"] == [
        {"timestamp": "2023-11-14T00:04:00.000Z", "value": -5.0},
        {"timestamp": "2023-11-14T00:05:00.000Z", "value": 62.5},
    ]
    assert told["macd_series"] == [
        {"timestamp": "2023-11-14T00:04:00.000Z", "macd": 4.0, "macdV": 25.0},
        {"timestamp": "2023-11-14T00:05:00.000Z", "macd": 5.0, "macdV": 92.5},
    ]
    assert (told["macd"], told["candle_count"]) == (0.25, 2)
    assert (told["crossover"], told["divergence"]) == ("fresh_bullish", "converging")
    assert len(computed.admin("/analysis/coinbase/btcusd/1m")["histogram_series"]) == 5


@pytest.mark.parametrize("count", ["0", "51", "-1", "x"])
def test_an_analysis_of_too_many_bars_is_refused(computed: World, count: str) -> None:
    computed.admin(f"/analysis/coinbase/btcusd/1m?histogram_count={count}", status=400)


def test_the_metadata_name_every_word_that_a_record_may_hold(admin_world: World) -> None:
    first, second = admin_world.admin("/indicators")["indicators"]
    assert (first["type"], second["type"]) == ("macd-v", "macd")
    assert set(first["values"]) == set(RECORD["value"])
    assert "rallying" in first["stages"]


def test_a_portfolio_is_of_the_symbols_that_were_named_each_once(admin_world: World) -> None:
    admin_world.tick(ticker("ETH-USD", "2"))
    now = admin_world.clock.now()
    for timeframe in (Timeframe.H1, Timeframe.H4, Timeframe.D1):
        through = timeframe.last_closed(now)
        series = Series("coinbase", "ETH-USD", timeframe)
        admin_world.known(series, through - 300 * timeframe.ms, through)
        admin_world.signal(series, through, value=RECORD["value"] | {"macdV": 60.0})
    told = portfolio(admin_world, ["ethusd", "NOPE-USD", "ETH-USD"])
    assert [row["symbol"] for row in told["rows"]] == ["ETH-USD"]
    assert (told["rows"][0]["outlook"], told["rows"][0]["price"], told["missing"]) == ("STRONG BUY", "2", ["NOPE-USD"])
    assert portfolio(admin_world, ["NOPE-USD"]) == {"rows": [], "missing": ["NOPE-USD"]}
    assert portfolio(admin_world, ["BTC-USD"])["rows"][0]["outlook"] == "No Data"


@pytest.mark.parametrize("symbols", [[], ["BTC-USD"] * 101, "BTC-USD", [""], [1], ["x" * 51]])
def test_odd_portfolios_are_refused(admin_world: World, symbols: Any) -> None:
    body = {"exchange": "coinbase", "symbols": symbols}
    told = admin_world.admin("/indicators/portfolio", method="POST", status=400, **body)
    assert told["error"]["param"] == "symbols"


@pytest.mark.parametrize("query", ["type=rsi", "limit=0", "limit=501", "type=macd&type=macd"])
def test_odd_questions_are_refused(computed: World, query: str) -> None:
    computed.admin(of("series") + f"?{query}", status=400)


def test_what_is_not_there_is_not_found(admin_world: World) -> None:
    for path in ("value", "record"):
        assert admin_world.admin(of(path), status=404)["error"]["param"] == "timeframe"
    for path in ("/indicators/nowhere/BTC-USD/1m/value", "/indicators/coinbase/NOPE-USD/1m/series"):
        admin_world.admin(path, status=404)
    admin_world.admin("/indicators/coinbase/BTC-USD/2h/value", status=400)


def portfolio(world: World, symbols: list[str]) -> Any:
    return world.admin("/indicators/portfolio", method="POST", exchange="coinbase", symbols=symbols)
