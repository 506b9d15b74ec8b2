"""The admin API, and the pages: who may see them, and what is in them."""

import json
import re
from typing import Any

import pytest

from livermore.http import keyring
from livermore.market.candle import Series, to_json
from livermore.market.timeframe import Timeframe
from livermore.store import events
from tests.http.conftest import MakeWorld
from tests.http.test_lists import alert, ticker
from tests.http.world import EXCHANGE, PUBLIC, RECORD, TOKEN, TREE, World
from tests.support.candles import BTC, T0, candle

PATHS = [
    "chart/coinbase/BTC-USD/1m", "analysis/coinbase/BTC-USD/1m", f"alerts/{alert(0).id}", "overview",
    "portfolio/coinbase", "tree", "stream",
]  # fmt: skip
CLERK = {"clerk_publishable_key": "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "clerk_secret_key": "sk_test_1"}


@pytest.mark.parametrize("path", PATHS)
def test_every_admin_route_needs_the_token(admin_world: World, path: str) -> None:
    url = f"/admin/v1/{path}"
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {admin_world.key}"}):
        answer = admin_world.ask(url, key=None, headers=headers)
        assert (answer.status, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
        assert "www-authenticate" in answer.headers
    assert admin_world.ask(url, headers={}).status == 401
    assert admin_world.ask(url, key=None, headers={"Authorization": f"Bearer {TOKEN}"}).status in {200, 404, 426}


@pytest.mark.parametrize("presented", ["", "sk_test_1", "None", TOKEN])
def test_without_a_token_nobody_is_an_administrator_yet(make_world: MakeWorld, presented: str) -> None:
    world = make_world(routes=("admin", "health"), admin=CLERK)
    assert world.ask("/admin/v1/tree", key=None, headers={"Authorization": f"Bearer {presented}"}).status == 401


def test_whoever_guesses_tokens_is_slowed_down_and_the_right_one_is_not(admin_world: World) -> None:
    for _ in range(keyring.BAD_PER_MINUTE):
        assert admin_world.ask("/admin/v1/tree", key="wrong").status == 401
    assert admin_world.ask("/admin/v1/tree", key="wrong").status == 429
    assert admin_world.admin("/tree") == TREE


def test_a_chart_has_candles_trail_record_and_how_far_they_are_known(admin_world: World) -> None:
    admin_world.followed()
    admin_world.store(candle(0, "10"), candle(1, "11"))
    admin_world.known(BTC, T0, T0 + 60_000)
    admin_world.signal(BTC, T0)
    admin_world.signal(BTC, T0 + 60_000)
    chart = admin_world.admin("/chart/coinbase/btcusd/1m")
    assert [row["close"] for row in chart["candles"]] == ["10", "11"]
    assert chart["trail"] == [[T0, 92.5, 80.25], [T0 + 60_000, 92.5, 80.25]]
    assert (chart["record"]["timestamp"], chart["record"]["value"]["macdV"]) == (T0 + 60_000, 92.5)
    assert chart["cursor"] == {"since": T0, "through": T0 + 60_000, "confirmed": T0 + 60_000}
    assert chart["stale"] is True
    assert chart["place"].startswith("coinbase:")
    newest = admin_world.admin("/chart/coinbase/BTC-USD/1m?limit=1")["candles"]
    assert newest == [_json(candle(1, "11"))]


def _json(one: Any) -> Any:
    return json.loads(to_json(one))


def test_an_empty_chart_is_no_error(admin_world: World) -> None:
    chart = admin_world.admin("/chart/coinbase/BTC-USD/1d")
    assert (chart["candles"], chart["trail"], chart["record"], chart["cursor"]) == ([], [], None, None)


def test_the_place_of_a_chart_is_not_newer_than_its_candles(admin_world: World) -> None:
    admin_world.followed()
    for n in range(20):
        admin_world.store(candle(n))
        chart = admin_world.admin("/chart/coinbase/BTC-USD/1m")
        place = chart["place"].partition(":")[2]
        after = admin_world.redis.run(events.after(admin_world.keys, place, 100))
        told = {to_json(candle(i)) for i in range(n + 1)} - {event.data for event in after}
        assert len(chart["candles"]) >= len(told)


def test_an_alert_is_explained_by_its_row_and_what_is_stored(admin_world: World) -> None:
    one = alert(0, timeframe="1m")
    admin_world.alert(one)
    admin_world.store(candle(-1, "10"), candle(0, "11"))
    admin_world.known(BTC, T0 - 60_000, T0)
    found = admin_world.admin(f"/alerts/{one.id}")
    told = [found[key] for key in ("id", "exchange", "symbol", "timeframe", "label", "rule", "why", "notified")]
    assert told == [one.id, "coinbase", "BTC-USD", "1m", "level_150", "level_cross", None, False]
    assert [(shown["timestamp"], shown["close"]) for shown in found["candles"]] == [
        ("2023-11-13T23:59:00.000Z", "10"),
        ("2023-11-14T00:00:00.000Z", "11"),
    ]
    assert (found["details"], found["recomputed"], found["revision"]) == ({"stage": "rallying"}, None, 0)
    assert found["remarks"][1].endswith("from the 2 candles kept: Low trading activity")


def test_an_alert_that_is_unknown_or_of_an_exchange_that_is_not_served_is_not_found(make_world: MakeWorld) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for only, status in (({"name": "coinbase", "id": 1}, 200), ({"name": "binance", "id": 2}, 404)):
        world = make_world(routes=("admin",), admin={"token": TOKEN}, exchange=only)
        world.alert(alert(0))
        assert world.ask(f"/admin/v1/alerts/{alert(0).id}", key=None, headers=headers).status == status
        answer = world.ask(f"/admin/v1/alerts/{alert(1).id}", key=None, headers=headers)
        assert (answer.status, answer.json()["error"]["message"]) == (404, "Alert not found")
        assert world.ask(f"/admin/v1/alerts/{'0' * 33}", key=None, headers=headers).status == 400


def test_the_overview_has_everything_at_once(admin_world: World) -> None:
    admin_world.begin(simulated=True)
    admin_world.report("active")
    for timeframe in Timeframe:
        admin_world.signal(Series("coinbase", "ETH-USD", timeframe), T0)
    admin_world.alert(alert(0))
    admin_world.tick(ticker("BTC-USD", "2"))
    overview = admin_world.admin("/overview")
    coinbase = next(one for one in overview["exchanges"] if one["name"] == "coinbase")
    assert coinbase["status"]["connectionState"] == "active"
    assert (coinbase["simulated"], coinbase["symbols"]) == (True, ["BTC-USD", "ETH-USD"])
    assert [ticker and ticker["price"] for ticker in coinbase["tickers"]] == ["2", None]
    assert {(one["symbol"], one["timeframe"]) for one in coinbase["signals"]} == {("ETH-USD", t) for t in Timeframe}
    assert coinbase["signals"][0]["record"]["params"]["stage"] == "rallying"
    assert [one["id"] for one in overview["alerts"]] == [alert(0).id]


def test_an_analysis_says_what_people_read_in_the_newest_values(admin_world: World) -> None:
    minutes = [T0 + i * 60_000 for i in range(5)]
    for at in minutes[:4]:
        admin_world.signal(BTC, at, value=RECORD["value"] | {"macdV": 50.0, "signal": 60.0})
    admin_world.signal(BTC, minutes[4])
    admin_world.known(BTC, T0, minutes[4])
    found = admin_world.admin("/analysis/coinbase/btcusd/1m")
    assert (found["timestamp"], found["macdV"], found["stage"]) == ("2023-11-14T00:04:00.000Z", 92.5, "rallying")
    read = {"zone": "elevated", "crossover": "fresh_bullish", "scalping_bias": "weak_long", "divergence": None}
    assert found.items() >= read.items()
    assert (found["liquidity"], found["gapRatio"], found["ready"], found["stale"]) == ("high", 0.0, True, True)
    plain = {at: (1.0 + (i == 3), 0.0) for i, at in enumerate(minutes)}
    admin_world.trail(BTC, "macd", plain, RECORD | {"type": "macd"})
    assert admin_world.admin("/analysis/coinbase/btcusd/1m")["divergence"] == "converging"


def test_what_cannot_be_read_is_nothing(admin_world: World) -> None:
    ask = {"key": None, "headers": {"Authorization": f"Bearer {TOKEN}"}}
    assert admin_world.ask("/admin/v1/analysis/coinbase/BTC-USD/1m", **ask).status == 404
    empty = dict.fromkeys(RECORD["value"])
    admin_world.signal(BTC, T0, value=empty, validity=RECORD["validity"] | {"ready": False, "reason": "few"})
    found = admin_world.admin("/analysis/coinbase/BTC-USD/1m")
    names = ("zone", "crossover", "scalping_bias", "divergence", "macdV")
    assert [found[name] for name in names] == [None] * len(names)
    assert (found["ready"], found["reason"]) == (False, "few")


def test_the_portfolio_adds_up_what_the_larger_timeframes_say_where_that_is_to_be_relied_on(
    make_world: MakeWorld,
) -> None:
    world = make_world(routes=("admin",), admin={"token": TOKEN})
    world.watch("BTC-USD", "ETH-USD", "SOL-USD", "XRP-USD")
    world.tick(ticker("ETH-USD", "2"))
    now = world.clock.now()

    def say(symbol: str, timeframe: Timeframe, value: float, *, ready: bool = True, stale: bool = False) -> None:
        series = Series("coinbase", symbol, timeframe)
        through = timeframe.last_closed(now) - (3 * timeframe.ms if stale else 0)
        world.known(series, through - 300 * timeframe.ms, through)
        changes = {"value": RECORD["value"] | {"macdV": value}, "validity": RECORD["validity"] | {"ready": ready}}
        world.signal(series, through, **changes)

    for symbol, values in (("BTC-USD", (60, 51, 1)), ("ETH-USD", (-60, -51, -1)), ("SOL-USD", (60, -1, 5))):
        for timeframe, value in zip((Timeframe.H1, Timeframe.H4, Timeframe.D1), values, strict=True):
            say(symbol, timeframe, value)
    found = {row["symbol"]: row for row in world.admin("/portfolio/coinbase")}
    assert list(found) == ["BTC-USD", "ETH-USD", "SOL-USD", "XRP-USD"]
    outlooks = [found[symbol]["outlook"] for symbol in found]
    assert outlooks == ["STRONG BUY", "STRONG SELL", "Reversal Up?", "No Data"]
    assert [row["price"] for row in found.values()] == [None, "2", None, None]
    assert list(found["BTC-USD"]["timeframes"]) == ["1h", "4h", "1d"]
    assert found["BTC-USD"]["timeframes"]["4h"] == {"value": 51, "stage": "rallying", "ready": True, "stale": False}
    assert found["XRP-USD"]["timeframes"]["4h"] == {"value": None, "stage": "unknown", "ready": False, "stale": True}
    say("BTC-USD", Timeframe.H4, 52, ready=False)
    say("ETH-USD", Timeframe.D1, -2, stale=True)
    found = {row["symbol"]: row for row in world.admin("/portfolio/coinbase")}
    assert [found[symbol]["outlook"] for symbol in ("BTC-USD", "ETH-USD")] == ["No Data", "No Data"]
    assert found["BTC-USD"]["timeframes"]["4h"] == {"value": 52, "stage": "rallying", "ready": False, "stale": False}
    assert found["ETH-USD"]["timeframes"]["1d"]["stale"] is True


def test_a_portfolio_of_nothing_is_empty_and_one_of_an_unknown_exchange_is_not_found(make_world: MakeWorld) -> None:
    world = make_world(routes=("admin",), admin={"token": TOKEN})
    assert world.admin("/portfolio/coinbase") == []
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert world.ask("/admin/v1/portfolio/nowhere", key=None, headers=headers).status == 404


def test_the_tree_is_shown_as_it_is_or_not_at_all(admin_world: World) -> None:
    assert admin_world.admin("/tree") == TREE

    def silent() -> Any:
        raise TimeoutError

    admin_world.tree = silent
    admin_world.clock.advance(2)
    assert admin_world.ask("/admin/v1/tree", key=None, headers={"Authorization": f"Bearer {TOKEN}"}).status == 503


def test_a_front_without_the_admin_words_has_no_admin_routes(world: World) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/admin/v1/tree", "/admin/v1/overview", "/admin/v1/stream", "/admin", "/webhooks/clerk", "/ws/alerts"):
        assert world.ask(path, headers=headers).status == 404


# pages


def linked(html: str) -> list[str]:
    """What a page loads or links to."""
    return [link for link in re.findall(r'(?:href|src)="([^"#]+)"', html) if not link.startswith("data:")]


@pytest.mark.parametrize(
    ("words", "path"),
    [(PUBLIC, "/"), (EXCHANGE, "/"), (PUBLIC, "/public/v1/docs")],
)
def test_a_page_stands_alone_under_a_strict_policy(make_world: MakeWorld, words: tuple[str, ...], path: str) -> None:
    world = make_world(routes=words, admin={"token": TOKEN})
    page = world.ask(path, key=None)
    html = page.body.decode()
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?://", html)
    for link in linked(html):
        assert not link.startswith(("/", "http")), "a page may stand behind a prefix"
        answer = world.ask("/" + (path.lstrip("/").rpartition("/")[0] + "/" + link).lstrip("/"), key=None)
        assert answer.status == 200, link
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_files_are_tagged_and_sent_once(world: World) -> None:
    first = world.ask("/static/status.css", key=None)
    assert first.headers["content-type"] == "text/css; charset=utf-8"
    again = world.ask("/static/status.css", key=None, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "name",
    ["..", "%2e%2e%2fservice.py", "..%2fservice.py", "status.css%00", "dashboard.html", "nothing.css", "STATUS.css"],
)
def test_no_other_file_is_served(world: World, name: str) -> None:
    assert world.ask(f"/static/{name}", key=None).status == 404
    assert world.ask(f"/public/v1/docs/{name}", key=None).status == 404


def test_the_dashboard_has_its_chart_library_from_the_wheel(admin_world: World) -> None:
    answer = admin_world.ask("/static/lightweight-charts.js", key=None, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"


def test_the_status_page_has_its_facts_as_json_for_anyone(world: World) -> None:
    world.report("active")
    world.known(BTC, T0, Timeframe.M1.last_closed(world.clock.now()))
    board = world.ask("/status.json", key=None).json()
    assert (board["status"], board["docs"]) == ("ok", True)
    assert board["exchanges"][0]["status"] == "online"
    assert "services" not in board


def break_it(world: World, token: str = TOKEN, method: str = "POST") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = world.ask("/admin/v1/break?path=a/b&how=hang", method=method, key=None, headers=headers)
    return answer.status, answer.json()


def test_an_administrator_breaks_an_actor_where_that_is_to_be_done(admin_world: World) -> None:
    told: list[tuple[str, str]] = []
    admin_world.front.break_actor = lambda path, how: told.append((path, how))
    assert break_it(admin_world, token="wrong")[0] == 401
    assert break_it(admin_world, method="GET")[0] == 405
    assert told == []
    assert break_it(admin_world) == (200, {"path": "a/b", "how": "hang"})
    assert told == [("a/b", "hang")]
    assert admin_world.admin("/overview")["breakable"] is True


def test_elsewhere_nothing_is_broken_and_what_cannot_be_done_is_told(admin_world: World) -> None:
    status, body = break_it(admin_world)
    assert (status, body["error"]["message"]) == (403, "Actors are broken on purpose only in a demo")
    assert admin_world.admin("/overview")["breakable"] is False
    admin_world.front.break_actor = lambda path, how: f"no actor runs at {path!r}"
    status, body = break_it(admin_world)
    assert (status, body["error"]["message"]) == (400, "no actor runs at 'a/b'")
