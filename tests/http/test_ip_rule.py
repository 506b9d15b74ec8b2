"""The IP rule: nothing public names the indicator or shows its parts. Everything public is walked, errors included."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from livermore.http import hub
from livermore.http.bounds import Bounds
from livermore.http.frame import frame
from livermore.http.route import Route
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import signals
from livermore.store.query import command, nothing
from tests.http.conftest import MakeWorld
from tests.http.test_lists import alert, list_products, ticker
from tests.http.world import EXCHANGE, PUBLIC, TOKEN, World
from tests.support.candles import T0, candle

WORDS = re.compile(
    r"macd|histogram|fast_?ema|slow_?ema|\bema\b|\batr\b|informative_?atr|\bstages?\b|\bdetails\b|previous_?label|"
    r"notification|alert_?type|\bepoch|sequence_?num|is_?synthetic|synthetic|trigger|\brally|rebounding|overbought|"
    r"retracing|reversing|oversold|\branging|level_cross|reversal|residual|observed_bars",
    re.IGNORECASE,
)
FIELDS = {"signal", "exchange_id", "exchangeid", "value", "params", "validity", "full", "rule", "label", "candle_time"}
"""Words that may stand in a text, but not name a field."""

HOUR = Series("coinbase", "BTC-USD", Timeframe.H1)


def leaks(text: str) -> list[str]:
    """What the public may not see."""
    found = [match[0] for match in WORDS.finditer(text)]
    return found + [field for field in re.findall(r'"(\w+)"\s*:', text) if field.lower() in FIELDS]


def inhabited(world: World) -> None:
    """A world with something of everything."""
    list_products(world, 2)
    world.watch()
    world.report()
    world.store(candle(0), candle(0, series=HOUR))
    world.store(candle(0, "101"))
    world.known(HOUR, T0, T0)
    for timeframe in Timeframe:
        world.signal(Series("coinbase", "BTC-USD", timeframe), T0)
    world.alert(alert(0))
    world.alert(alert(1, label="reversal_oversold"))
    world.tick(ticker("BTC-USD", "1"))
    world.clock.advance(2)


def urls(route: Route[Any]) -> Iterator[str]:
    """A route with good values, with bad ones, and with what no route knows."""
    good = {"exchange": "coinbase", "symbol": "BTC-USD", "timeframe": "1h", "file": "docs.js"}
    bad = {"exchange": "nowhere", "symbol": "DOGE-USD", "timeframe": "3m", "file": "nothing"}
    for values in (good, *({**good, name: bad[name]} for name in bad)):
        yield route.path.format(**values)
    path = route.path.format(**good)
    yield from (f"{path}?{query}" for query in ("limit=0", "unknown=1", "cursor=AAAA", "start_time=1", "timeframe=9m"))


def everything_said(world: World) -> Iterator[tuple[str, str]]:
    """Every answer of every public route, headers and all, with a name for it."""
    for route in world.front.table.routes:
        if not route.path.startswith("/public/v1/"):
            continue
        for url in urls(route):
            for method in ("GET", "HEAD", "OPTIONS", "POST"):
                for key in ("", None, "bad"):
                    answer = world.ask(url, method=method, key=key)
                    yield f"{method} {url}", json.dumps(dict(answer.headers)) + answer.body.decode()
    for url in ("/public/v1/nothing", "/public/v1/%zz"):
        answer = world.ask(url)
        yield url, json.dumps(dict(answer.headers)) + answer.body.decode()


def streamed(world: World) -> Iterator[str]:
    """Every kind of message that the public stream has."""
    stream, seen = world.stream(), set[str]()

    def until(*wanted: str) -> Iterator[str]:
        while not seen.issuperset(wanted):
            told = stream.next()
            seen.add(told["type"])
            yield json.dumps(told)

    stream.send(action="subscribe", channels=["bad", "signals:*:9m"])
    channels = ["candles:*:*", "signals:*:*", "alerts:*", "tickers:*"]
    stream.send(action="subscribe", channels=channels, snapshot=True, resume_from=["coinbase:1-0"])
    stream.send_text("nonsense")
    stream.send(action="ping")
    yield from until("error", "subscribed", "snapshot", "pong")
    world.heard()
    world.store(candle(1))
    world.store(candle(1, "102"))
    world.signal(HOUR, T0 + HOUR.timeframe.ms)
    world.alert(alert(2))
    world.tick(ticker("BTC-USD", "2"))
    yield from until("candle_close", "candle_corrected", "trade_signal", "alert", "ticker", "heartbeat")
    world.stop()
    yield from until("reconnect")


THEIRS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


@pytest.mark.parametrize("words", [PUBLIC, EXCHANGE])
def test_nothing_that_is_public_names_the_indicator_or_its_parts(make_world: MakeWorld, words: tuple[str, ...]) -> None:
    world = make_world(routes=words, admin={"token": TOKEN})
    inhabited(world)
    said = list(everything_said(world))
    assert len(said) > 300
    assert [(name, leaks(text)) for name, text in said if leaks(text)] == []


def test_nothing_that_is_streamed_names_the_indicator_or_its_parts(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(heartbeat=0.05))
    inhabited(world)
    assert [(text, leaks(text)) for text in streamed(world) if leaks(text)] == []


def test_what_administrators_see_would_be_found_out(admin_world: World) -> None:
    """The same words are in the admin API, so that the walk above is not blind."""
    inhabited(admin_world)
    for path in ("/chart/coinbase/BTC-USD/1h", "/overview"):
        assert set(leaks(json.dumps(admin_world.admin(path)))) >= {"macd", "histogram", "signal", "stage", "value"}


def test_a_leak_in_a_stored_candle_is_found_by_the_walk(world: World) -> None:
    inhabited(world)
    key = world.keys.candles(HOUR)
    torn = '{"timestamp":"2023-11-14T01:00:00.000Z","macdV":1.5,"revision":0}'
    world.redis.run(command("ZADD", key, T0 + 3_600_000, torn, read=nothing))
    assert any(leaks(text) for _, text in everything_said(world))


def test_a_leak_in_an_event_is_found_by_the_walk(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(kind: str, place: str, channel: str, data: bytes, full: bytes = b"") -> bytes:
        head = json.dumps({"type": kind, "id": place, "channel": channel})[:-1].encode()
        return frame(head + b',"data":' + (leaked[0] if kind == "trade_signal" else data) + b"}")

    leaked = [b'{"histogram":1.5}']
    monkeypatch.setattr(hub, "event_frame", careless)
    world = make_world(bounds=Bounds(heartbeat=0.05))
    inhabited(world)
    assert any(leaks(text) for text in streamed(world))


def test_a_leak_in_a_public_form_is_found_by_the_walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    inhabited(world)
    shown = signals._shown

    def careless(series: Series, answer: bytes | None) -> Any:
        found = shown(series, answer)
        return found and msgspec.structs.replace(found, symbol="BTC-USD (overbought)")

    monkeypatch.setattr(signals, "_shown", careless)
    assert any(leaks(text) for _, text in everything_said(world))


def test_files_of_others_are_the_only_ones_that_are_not_walked(world: World) -> None:
    (route,) = [route for route in world.front.table.routes if route.path == "/public/v1/docs/{file}"]
    for name in THEIRS:
        assert world.ask(route.path.format(file=name)).status == 200
    for name in ("docs.js", "docs.css"):
        answer = world.ask(route.path.format(file=name))
        assert answer.status == 200
        assert leaks(answer.body.decode()) == []
