"""The IP rule: nothing public names the indicator or shows its parts. Everything public is walked, errors included."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
import pytest

from livermore.http import base, directory, files, hub, openapi
from livermore.http.answer import Answer
from livermore.http.bounds import Bounds
from livermore.http.files import OURS, folder
from livermore.http.frame import frame
from livermore.http.refusal import Refusal
from livermore.market.candle import Series
from livermore.store import signals
from livermore.store.query import command, nothing
from tests.http.conftest import MakeWorld
from tests.http.crawl import HOUR, THEIRS, answers, inhabited, messages, ours, pages
from tests.http.world import EXCHANGE, PUBLIC, TOKEN, World
from tests.support.candles import T0

WORDS = re.compile(
    r"macd|histogram|fast_?ema|slow_?ema|\bema\b|\batr\b|informative_?atr|\bstages?\b|\bdetails\b|previous_?label|"
    r"notification|alert_?type|\bepoch|sequence_?num|is_?synthetic|synthetic|trigger|\brally|rebounding|overbought|"
    r"retracing|reversing|oversold|\branging|level_cross|reversal|residual|observed_bars",
    re.IGNORECASE,
)
FIELDS = {"signal", "exchange_id", "exchangeid", "value", "params", "validity", "full", "rule", "label", "candle_time"}
"""Words that may stand in a text, but not name a field."""
MODES = pytest.mark.parametrize("words", [PUBLIC, EXCHANGE], ids=["pw-host", "exchange"])


def leaks(text: str) -> list[str]:
    """What the public may not see."""
    found = [match[0] for match in WORDS.finditer(text)]
    return found + [field for field in re.findall(r'"(\w+)"\s*:', text) if field.lower() in FIELDS]


def leaking(things: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What leaks, by the name of where."""
    return {name: found for name, text in things if (found := leaks(text))}


def places(things: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Where something leaks, as soon as it is found."""
    return (name for name, text in things if leaks(text))


@MODES
def test_nothing_that_is_answered_names_the_indicator_or_its_parts(
    make_world: MakeWorld, words: tuple[str, ...]
) -> None:
    world = make_world(routes=words, admin={"token": TOKEN})
    inhabited(world)
    walked = list(answers(world))
    assert leaking(walked) == {}
    assert len(walked) > 500
    names = {name for name, _ in walked}
    for route in world.front.table.routes:
        pattern = re.compile("GET " + re.sub(r"{\w+}", "[^/?]+", route.path) + r"(\?.*)?")
        assert not route.public or any(map(pattern.fullmatch, names)), route.path


@MODES
def test_no_page_or_file_names_the_indicator_or_its_parts(make_world: MakeWorld, words: tuple[str, ...]) -> None:
    world = make_world(routes=words, admin={"token": TOKEN})
    inhabited(world)
    found = pages(world)
    assert leaking(ours(world)) == {}
    names = {url.rpartition("/")[2] for url in found}
    assert names >= {"openapi.json", "docs", "docs.js", "docs.css"} | THEIRS
    assert (names >= {"status.js", "status.css", "status.json"}) is (words == PUBLIC)


@MODES
def test_nothing_that_is_streamed_names_the_indicator_or_its_parts(
    make_world: MakeWorld, words: tuple[str, ...]
) -> None:
    world = make_world(routes=words, admin={"token": TOKEN}, bounds=Bounds(heartbeat=0.05))
    inhabited(world)
    assert leaking(messages(world)) == {}


def test_what_administrators_see_would_be_found_out(admin_world: World) -> None:
    """The same words are in the admin API, so that the walk above is not blind."""
    inhabited(admin_world)
    for path in ("/chart/coinbase/BTC-USD/1h", "/overview"):
        assert set(leaks(json.dumps(admin_world.admin(path)))) >= {"macd", "histogram", "signal", "stage", "value"}


# leaks that are planted


def test_a_leak_in_a_stored_candle_is_found_by_the_walk(world: World) -> None:
    inhabited(world)
    key = world.keys.candles(HOUR)
    torn = '{"timestamp":"2023-11-14T01:00:00.000Z","macdV":1.5,"revision":0}'
    world.redis.run(command("ZADD", key, T0 + 3 * 3_600_000, torn, read=nothing))
    assert any("/candles/" in name for name in places(answers(world)))


def test_a_leak_in_an_event_is_found_by_the_walk(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(kind: str, place: str, channel: str, data: bytes, full: bytes = b"") -> bytes:
        told = f"{channel} (overbought)" if kind == "trade_signal" else channel
        head = json.dumps({"type": kind, "id": place, "channel": told})[:-1].encode()
        return frame(head + b',"data":' + data + b"}")

    monkeypatch.setattr(hub, "event_frame", careless)
    world = make_world(bounds=Bounds(heartbeat=0.05))
    inhabited(world)
    assert set(leaking(messages(world))) == {"trade_signal"}


def test_a_leak_in_a_public_form_is_found_by_the_walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    inhabited(world)
    shown = signals._shown

    def careless(series: Series, answer: bytes | None) -> Any:
        found = shown(series, answer)
        return found and msgspec.structs.replace(found, symbol="BTC-USD (overbought)")

    monkeypatch.setattr(signals, "_shown", careless)
    assert any("/signals/" in name for name in places(answers(world)))


def test_a_leak_in_a_header_is_found_by_the_walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    dressed = base.cors_headers
    monkeypatch.setattr(base, "cors_headers", lambda *asked: dressed(*asked) | {"X-Computed-By": "MACD-V"})
    assert any(name.startswith("HEAD ") for name in places(answers(world)))


def test_a_leak_in_an_error_is_found_by_the_walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(what: str, param: str | None = None) -> Refusal:
        return Refusal(404, f"{what} has no ATR", param=param)

    monkeypatch.setattr(directory, "not_found", careless)
    assert any("nowhere" in name for name in places(answers(world)))


def test_a_leak_in_the_document_is_found_by_the_walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi, "TEXT", "Made by a level_cross.")
    assert set(leaking(ours(world))) == {"/public/v1/openapi.json"}


@pytest.mark.parametrize(
    ("name", "text", "url"),
    [
        ("docs.js", "// draws the histogram", "/public/v1/docs/docs.js"),
        ("docs.html", "<p>Stages</p>", "/public/v1/docs"),
        ("status.html", "<p>oversold</p>", "/"),
    ],
)
def test_a_leak_in_a_file_is_found_by_the_walk(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, text: str, url: str
) -> None:
    torn = Answer(text.encode(), content_type="text/html; charset=utf-8")
    monkeypatch.setitem(files._answers, folder(OURS, "static") / name, torn)
    assert set(leaking(ours(world))) == {url}


def test_a_page_that_only_another_page_leads_to_is_walked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask: Callable[..., Any] = world.ask

    def listening(url: str, **named: Any) -> Any:
        asked.append(url)
        return ask(url, **named)

    monkeypatch.setattr(world, "ask", listening)
    page = Answer(b'<a href="docs/elsewhere">more</a>', content_type="text/html; charset=utf-8")
    monkeypatch.setitem(files._answers, folder(OURS, "static") / "docs.html", page)
    found: Mapping[str, Any] = pages(world)
    assert "/public/v1/docs" in found
    assert "/public/v1/docs/elsewhere" in asked
