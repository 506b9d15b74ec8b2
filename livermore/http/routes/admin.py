"""The admin API: everything that the dashboard shows, indicator records and the supervision tree included."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from pydantic import Field

from livermore.errors import Transient
from livermore.http.analysis import analysis as read
from livermore.http.answer import Answer, of_data
from livermore.http.handshake import upgrade_required
from livermore.http.overview import overview as all_exchanges
from livermore.http.parameters import ExchangeName, OneTimeframe, Parameters, Symbol, count
from livermore.http.portfolio import portfolio as table
from livermore.http.refusal import Refusal, not_found
from livermore.http.route import Access, Document, Route
from livermore.http.snapshot import ALERTS, INDICATOR
from livermore.http.stream_handler import StreamHandler
from livermore.market.candle import Series
from livermore.market.cursor import is_stale
from livermore.store import alert_history, candles, signals
from livermore.store.alert_history import Filter

if TYPE_CHECKING:
    from livermore.http.front import Front

ADMIN = "/admin/v1"


class SeriesParameters(Parameters):
    """Which series."""

    exchange: ExchangeName
    symbol: Symbol
    timeframe: OneTimeframe


class ChartParameters(SeriesParameters):
    """Which chart, and how many candles of it."""

    limit: count(1000) = 500  # type: ignore[valid-type]  # a type that is made by a function


async def chart(front: "Front", asked: ChartParameters) -> Answer:
    """The newest candles, ascending, the trail of indicator values behind them, and the newest full record.

    ``cursor`` says how far the series is known (open times, ms). ``place`` is an id of the event stream: what comes
    after it may be drawn on.
    """
    market = await front.directory.market(asked.exchange)
    series = Series(market.name, await market.symbol(asked.symbol), asked.timeframe)
    place = front.hub.place(market.name)
    newest = candles.page(market.keys, series, float("-inf"), float("inf"), asked.limit, newest_first=True)
    found, trail, (record,), (known,) = await asyncio.gather(
        front.redis.run(newest),
        front.redis.run(signals.trail(market.keys, series, INDICATOR)),
        front.redis.run(signals.records(market.keys, [series], INDICATOR)),
        front.redis.run(candles.cursors_of(market.keys, [series])),
    )
    stale = is_stale(known.through if known else None, series.timeframe, front.clock.now())
    drawn = {"candles": [msgspec.Raw(one) for one in found[::-1]], "trail": [msgspec.Raw(one) for one in trail]}
    cursor = known._asdict() if known else None
    return of_data({**drawn, "record": record, "stale": stale, "cursor": cursor, "place": place})


class AnalysisParameters(SeriesParameters):
    """Which series, and of how many bars histograms come with it."""

    histogram_count: count(50) = 5  # type: ignore[valid-type]  # as above


async def analysis(front: "Front", asked: AnalysisParameters) -> Answer:
    """What people read in the newest values of a series."""
    market = await front.directory.market(asked.exchange)
    series = Series(market.name, await market.symbol(asked.symbol), asked.timeframe)
    return of_data(await read(front, series, market, asked.histogram_count))


async def alerts(front: "Front", asked: SeriesParameters) -> Answer:
    """The newest alerts of a series: what is marked in its chart. They come from SQL, which the chart does not need."""
    market = await front.directory.market(asked.exchange)
    wanted = Filter(market.name, await market.symbol(asked.symbol), asked.timeframe)
    newest = partial(alert_history.page, wanted=wanted, limit=ALERTS)
    return of_data([alert for _, alert in await front.database.run_aside(newest)])


class AlertParameters(Parameters):
    """Which alert."""

    id: str = Field(max_length=32)


async def explanation(front: "Front", asked: AlertParameters) -> Answer:
    """Why an alert was raised: rule, state and reading, and what is stored of its candles by now."""
    found = await front.explain(asked.id)
    if found is None or found["exchange"] not in {market.name for market in await front.directory.markets()}:
        raise not_found("Alert", "id")
    return of_data(found)


async def overview(front: "Front", _: Parameters) -> Answer:
    """Every exchange, and the newest alerts."""
    return of_data(await all_exchanges(front))


class ExchangeParameters(Parameters):
    """Which exchange."""

    exchange: ExchangeName


async def portfolio(front: "Front", asked: ExchangeParameters) -> Answer:
    """What the larger timeframes say of each symbol, and what that adds up to."""
    return of_data(await table(front, await front.directory.market(asked.exchange)))


async def tree(front: "Front", _: Parameters) -> Answer:
    """The supervision tree."""
    found = await front.health.tree()
    if found is None:
        raise Transient("the supervisor does not answer")
    return of_data(found)


class BreakParameters(Parameters):
    """Which actor, and how."""

    path: str = Field(max_length=200)
    how: str = Field("crash", max_length=20)


async def break_actor(front: "Front", asked: BreakParameters) -> Answer:
    """Make an actor fail, to see the tree heal."""
    if front.break_actor is None:
        raise Refusal(403, "Actors are broken on purpose only in a demo")
    doing = asyncio.get_running_loop().run_in_executor(None, front.break_actor, asked.path, asked.how)
    try:
        refused = await doing
    except TimeoutError as error:
        raise Transient("the supervisor does not answer") from error
    if refused is not None:
        raise Refusal(400, refused)
    return of_data({"path": asked.path, "how": asked.how})


SERIES = "{exchange}/{symbol}/{timeframe}"
ROUTES = [
    Route(
        f"{ADMIN}/chart/{SERIES}",
        ChartParameters,
        chart,
        Access.ADMIN,
        Document(
            "Indicators",
            "Candles, and the trail of indicator values behind them",
            "`cursor` says how far the series is known; what comes after `place` in the stream may be drawn on.",
            also=(404,),
        ),
    ),
    Route(
        f"{ADMIN}/analysis/{SERIES}",
        AnalysisParameters,
        analysis,
        Access.ADMIN,
        Document("Indicators", "What people read in the newest values of a series", also=(404,)),
    ),
    Route(
        f"{ADMIN}/alerts/{SERIES}",
        SeriesParameters,
        alerts,
        Access.ADMIN,
        Document("Alerts", "The newest alerts of a series", also=(404,)),
    ),
    Route(
        f"{ADMIN}/alerts/{{id}}",
        AlertParameters,
        explanation,
        Access.ADMIN,
        Document("Alerts", "Why an alert was raised", also=(404,)),
    ),
    Route(
        f"{ADMIN}/overview",
        Parameters,
        overview,
        Access.ADMIN,
        Document("Exchanges", "Every exchange, and the newest alerts"),
    ),
    Route(
        f"{ADMIN}/portfolio/{{exchange}}",
        ExchangeParameters,
        portfolio,
        Access.ADMIN,
        Document("Indicators", "What the larger timeframes say of each symbol", also=(404,)),
    ),
    Route(f"{ADMIN}/tree", Parameters, tree, Access.ADMIN, Document("Supervision", "The supervision tree")),
    Route(
        f"{ADMIN}/break",
        BreakParameters,
        break_actor,
        Access.ADMIN,
        Document("Supervision", "Make an actor fail, in a demo", "To see the tree heal; elsewhere refused with 403."),
        methods=("POST",),
    ),
    Route(
        f"{ADMIN}/stream",
        Parameters,
        upgrade_required,
        Access.ADMIN,
        Document(
            "Stream",
            "All that happens, with full records",
            "As the public stream, and beside it `forming` candles and the `tree`. A session token may come with the "
            "handshake or as `auth` first; whoever sends a newer one as `auth` before it ends may stay, and is told "
            "`renewed`. Without one the stream is closed with 4001 once the token has ended or the role is taken away.",
        ),
        socket=StreamHandler,
    ),
]
