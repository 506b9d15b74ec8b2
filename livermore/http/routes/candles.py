"""Candles of one series, page by page: served by joining what is stored."""

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from pydantic import Field

from livermore.http import examples
from livermore.http.answer import Answer
from livermore.http.candle_page import Span, answered, complete, span, within
from livermore.http.cursor import seal, unseal
from livermore.http.parameters import Cursor, ExchangeName, Moment, OneTimeframe, Order, Parameters, Symbol, count
from livermore.http.refusal import bad_parameter
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import CandlePage, meta
from livermore.market.candle import Series
from livermore.market.cursor import Cursor as Known
from livermore.market.cursor import is_stale
from livermore.store import candles as store
from livermore.store import gaps as ledger
from livermore.store.gaps import PublicGap
from livermore.store.query import Query

if TYPE_CHECKING:
    from livermore.http.front import Front


class CandleParameters(Parameters):
    """Which candles."""

    exchange: ExchangeName
    symbol: Symbol
    timeframe: OneTimeframe
    limit: count(1000) = 100  # type: ignore[valid-type]  # a type that is made by a function
    start_time: Moment | None = Field(None, description="From this time on, included; pages then go forward")
    end_time: Moment | None = Field(None, description="Up to this time, which is not included")
    order: Order | None = Field(None, description="Of the rows: `asc`, as it is without, or `desc`, the newest first")
    cursor: Cursor | None = None


async def candles(front: "Front", asked: CandleParameters) -> Answer:
    """One page; the rows are the stored bytes."""
    market = await front.directory.market(asked.exchange)
    series = Series(market.name, await market.symbol(asked.symbol), asked.timeframe)
    wanted = _wanted(asked, series)
    query = store.page(market.keys, series, wanted.first, wanted.last, asked.limit + 1, newest_first=not wanted.up)
    queries: list[Query[Any]] = [query, store.cursors_of(market.keys, [series]), ledger.of(market.keys, series)]
    found, (known,), gaps = await front.redis.run_all(queries)
    simulated = await market.simulated()
    page = _Page(series, wanted, found, asked.limit, known, gaps, front.clock.now())
    return page.answer(simulated=simulated)


def _wanted(asked: CandleParameters, series: Series) -> Span:
    if asked.start_time is not None and asked.end_time is not None and asked.end_time < asked.start_time:
        raise bad_parameter("end_time", "expected a time that is not before start_time")
    if asked.cursor is None:
        return span(asked.start_time, asked.end_time, asked.order)
    held = unseal(_scope(series), asked.cursor, Span)
    if asked.order is not None and held.falling != (asked.order == "desc"):
        raise bad_parameter("cursor", "expected one of a request with the same order")
    return held.within(asked.start_time, asked.end_time)


def _scope(series: Series) -> tuple[str, ...]:
    return ("candles", *series)


class _Page(NamedTuple):
    """What was found for a request, and what it comes to."""

    series: Series
    wanted: Span
    found: list[bytes]
    limit: int
    known: Known | None
    gaps: list[PublicGap]
    now: int

    def answer(self, *, simulated: bool) -> Answer:
        timeframe, known = self.series.timeframe, self.known
        more, page = len(self.found) > self.limit, self.found[: self.limit]
        page = page if self.wanted.up else page[::-1]
        opens = [store.opened(page[0]), store.opened(page[-1])] if page else []
        after = seal(_scope(self.series), self.wanted.after(*opens)) if more else None
        stale = is_stale(known.through if known else None, timeframe, self.now)
        facts = meta(len(page), after, simulated=simulated, stale=stale, **self._holes(opens, more=more))
        rows = b",".join(page[::-1] if self.wanted.falling else page)
        body = b'{"success":true,"data":[' + rows + b'],"meta":' + msgspec.json.encode(facts) + b"}"
        headers = {"Cache-Control": "private, no-cache"}
        if known is not None:
            headers["Livermore-Data-Age"] = str(max(0, self.now - known.through - timeframe.ms) // 1000)
        return Answer(body, headers=headers, tagged=True)

    def _holes(self, opens: list[int], *, more: bool) -> dict[str, Any]:
        if self.known is None:
            return {"complete": False, "gaps": []}
        timeframe = self.series.timeframe
        span = answered(self.wanted, opens, more=more, timeframe=timeframe, known=self.known, now=self.now)
        gaps = within(self.gaps, *span, timeframe)
        shown = [{n: getattr(gap, n) for n in ("start_time", "end_time", "cause", "verdict")} for gap in gaps]
        return {"complete": complete(*span, self.known, gaps), "gaps": shown}


ROUTES = [
    Route(
        f"{PUBLIC}/candles/{{exchange}}/{{symbol}}/{{timeframe}}",
        CandleParameters,
        candles,
        Access.READ,
        Document(
            "Candles",
            "Candles of one pair on one timeframe",
            "With `start_time`, pages go forward from there; without, the newest candles come first and `next_cursor` "
            "leads back in time. Whoever follows the cursors gets every candle exactly once. A time without trades has "
            "no candle, and `gaps` tells of every time that was missed. `Livermore-Data-Age` says how many seconds ago "
            "the newest candle was closed.",
            CandlePage,
            examples.CANDLES,
            also=(304, 404),
        ),
    )
]
