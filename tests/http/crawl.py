"""Everything that a front says to the public, each with a name: answers, headers and errors, files, and messages."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from livermore.http.files import OURS, folder
from livermore.http.route import PUBLIC, Access, Route
from livermore.market.candle import Series
from livermore.market.gap import Cause, Gap
from livermore.market.timeframe import Timeframe
from livermore.store import gaps
from tests.http.test_lists import alert, list_products, ticker
from tests.http.world import Answer, World
from tests.support.candles import BTC, T0, candle

HOUR = Series("coinbase", "BTC-USD", Timeframe.H1)
GOOD = {"exchange": "coinbase", "symbol": "BTC-USD", "timeframe": "1h", "file": "docs.js"}
OTHERS = {
    "exchange": ["nowhere"], "symbol": ["ETH-USD", "DOGE-USD"], "timeframe": ["15m", "30m", "2h", "6h", "3m"],
    "file": ["nothing"],
}  # fmt: skip
QUERIES = (
    "limit=0", "unknown=1", "cursor=AAAA", "start_time=1", "timeframe=9m", "order=up", "symbol=x", "exchange=nowhere",
    "%ff=1", "a" * 9000, "limit=1&limit=1", "order=desc", "start_time=2023-11-14T00:00:00Z",
)  # fmt: skip
WAYS = (("GET", ""), ("GET", None), ("GET", "bad"), ("HEAD", ""), ("OPTIONS", None), ("POST", ""))
"""Methods, each with the world's own key, with none or with a bad one."""
THEIRS = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "asyncapi-viewer.js"})
"""Files that others wrote, which are shown as they are."""
_LINK = re.compile(r"""(?:href|src)="([^"#?]+)""")


def inhabited(world: World) -> None:
    """A world with something of everything."""
    list_products(world, 2)
    world.watch()
    world.report()
    world.store(candle(0), candle(0, series=HOUR), candle(1, series=HOUR))
    world.store(candle(0, "101"))
    world.known(HOUR, T0, T0 + HOUR.timeframe.ms)
    world.redis.run(gaps.report(world.lease, [Gap(HOUR, T0, T0, cause) for cause in Cause if cause.is_hole]))
    for timeframe in Timeframe:
        world.signal(Series("coinbase", "BTC-USD", timeframe), T0)
    world.alert(alert(0))
    world.alert(alert(1, label="reversal_oversold"))
    world.tick(ticker("BTC-USD", "1"))
    world.clock.advance(2)


def routes(world: World) -> list[Route[Any]]:
    """Those of the public API; where there are no administrators, all that there are."""
    every = world.front.table.routes
    for_admins = any(route.access is Access.ADMIN for route in every)
    return [route for route in every if route.public or not for_admins]


def urls(route: Route[Any]) -> Iterator[str]:
    """A route with good values, with others and bad ones, and with queries that not all routes know."""
    named = re.findall(r"{(\w+)}", route.path)
    for values in (GOOD, *(GOOD | {name: other} for name in named for other in OTHERS[name])):
        yield route.path.format(**values)
    path = route.path.format(**GOOD)
    yield from (f"{path}?{query}" for query in QUERIES)


def answers(world: World) -> Iterator[tuple[str, str]]:
    """Every answer of every route, headers and all."""
    for route in routes(world):
        for url in urls(route):
            for method, key in WAYS:
                yield f"{method} {url}", said(world.ask(url, method=method, key=key))
    for url in (f"{PUBLIC}/nothing", f"{PUBLIC}/%zz", f"{PUBLIC}/candles/a/%ff/1m", PUBLIC, f"{PUBLIC}/"):
        yield f"GET {url}", said(world.ask(url))
    for headers in ({"X-Long": "a" * 20_000}, {"Content-Length": "200000000"}, {"Upgrade": "websocket"}):
        yield f"GET {headers}", said(world.ask(f"{PUBLIC}/stream", headers=headers))


def said(answer: Answer) -> str:
    """An answer's headers and body as text; bytes that are none are left out."""
    return json.dumps(dict(answer.headers)) + answer.body.decode(errors="ignore")


def pages(world: World) -> Mapping[str, Answer]:
    """Every file and page that is served, by URL: where one leads to another, and whatever stands in a folder."""
    found: dict[str, Answer] = {}
    wanted = [route.path for route in routes(world) if route.access is Access.OPEN and "{" not in route.path]
    shelves = [route.path for route in routes(world) if "{file}" in route.path]
    wanted += [shelf.format(file=name) for shelf in shelves for name in (*on_disk(), *THEIRS)]
    while wanted:
        url = wanted.pop()
        if url not in found and (answer := world.ask(url, key=None)).status == 200:
            found[url] = answer
            wanted += [urljoin(url, link) for link in _LINK.findall(said(answer)) if _is_text(answer)]
    return found


def on_disk() -> list[str]:
    """The names of all files of our own, served or not."""
    return [place.name for place in folder(OURS, "static").iterdir()]


def _is_text(answer: Answer) -> bool:
    return answer.headers["content-type"].startswith("text/html")


def ours(world: World) -> Iterator[tuple[str, str]]:
    """Every file and page of our own."""
    for url, answer in pages(world).items():
        if url.rpartition("/")[2] not in THEIRS:
            yield url, said(answer)


def messages(world: World) -> Iterator[tuple[str, str]]:
    """Every kind of message that the public stream has, and why it closes."""
    world.followed()
    stream, seen = world.connect(), set[str]()

    def until(*wanted: str) -> Iterator[tuple[str, str]]:
        while not seen.issuperset(wanted):
            told = stream.next()
            seen.add(told["type"])
            yield told["type"], json.dumps(told)

    yield from until("welcome")
    stream.send(action="subscribe", channels=["bad", "signals:*:9m", "candles:DOGE-USD:1m"])
    channels = ["candles:*:*", "signals:*:*", "alerts:*", "tickers:*"]
    stream.send(action="subscribe", channels=channels, snapshot=True, resume_from=["coinbase:1-0"])
    stream.send(action="unsubscribe", channels=["tickers:ETH-USD"])
    for text in ("nonsense", "[]", '{"action":"dance"}', '{"action":"auth","key":"bad"}'):
        stream.send_text(text)
    stream.send(action="ping")
    yield from until("error", "subscribed", "unsubscribed", "snapshot", "pong")
    world.heard()
    world.store(candle(1))
    world.store(candle(1, "102"))
    world.redis.run(gaps.report(world.lease, [Gap(BTC, T0, T0, Cause.SILENCE)]))
    world.signal(HOUR, T0 + HOUR.timeframe.ms)
    world.alert(alert(2))
    world.tick(ticker("BTC-USD", "2"))
    yield from until("candle_close", "candle_corrected", "gap", "trade_signal", "alert", "ticker", "heartbeat")
    world.stop()
    yield from until("reconnect")
    yield "close", str(stream.closed())
