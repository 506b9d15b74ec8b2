"""Candles of one series, page by page: served by joining what is stored."""

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from pydantic import Field

from livermore.http import examples
from livermore.http.answer import Answer
from livermore.http.candle_page import Span, answered, span
from livermore.http.cursor import seal, unseal
from livermore.http.found import Page
from livermore.http.holes import NOTHING_KNOWN, Holes, holes
from livermore.http.parameters import AnyTimeframe, Cursor, ExchangeName, Moment, Order, Parameters, Symbol, count
from livermore.http.refusal import bad_parameter
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import CandlePage, meta
from livermore.http.source import source
from livermore.market.cursor import age, is_stale
from livermore.market.timeframe import Length
from livermore.store import candles as store

if TYPE_CHECKING:
    from livermore.http.front import Front


class CandleParameters(Parameters):
    """Which candles."""

    exchange: ExchangeName
    symbol: Symbol
    timeframe: AnyTimeframe
    limit: count(1000) = 100  # type: ignore[valid-type]  # a type that is made by a function
    start_time: Moment | None = Field(None, description="From this time on, included; pages then go forward")
    end_time: Moment | None = Field(None, description="Up to this time, which is not included")
    order: Order | None = Field(None, description="Of the rows: `asc`, as it is without, or `desc`, the newest first")
    cursor: Cursor | None = None


async def candles(front: "Front", asked: CandleParameters) -> Answer:
    """One page; the rows of a timeframe that is stored are the stored bytes."""
    market = await front.directory.market(asked.exchange)
    symbol = await market.symbol(asked.symbol)
    scope = ("candles", market.name, symbol, str(asked.timeframe))
    wanted = _wanted(asked, scope)
    found = await source(front.redis, market, symbol, asked.timeframe).page(wanted, asked.limit)
    page = _Page(asked.timeframe, scope, wanted, found, asked.limit, front.clock.now())
    return page.answer(simulated=await market.simulated())


def _wanted(asked: CandleParameters, scope: tuple[str, ...]) -> Span:
    if asked.start_time is not None and asked.end_time is not None and asked.end_time < asked.start_time:
        raise bad_parameter("end_time", "expected a time that is not before start_time")
    if asked.cursor is None:
        return span(asked.start_time, asked.end_time, asked.order)
    held = unseal(scope, asked.cursor, Span)
    if asked.order is not None and held.falling != (asked.order == "desc"):
        raise bad_parameter("cursor", "expected one of a request with the same order")
    return held.within(asked.start_time, asked.end_time)


class _Page(NamedTuple):
    """What was found for a request, and what it comes to."""

    timeframe: Length
    scope: tuple[str, ...]
    wanted: Span
    found: Page
    limit: int
    now: int

    def answer(self, *, simulated: bool) -> Answer:
        timeframe, known = self.timeframe, self.found.known
        more, rows = len(self.found.rows) > self.limit, self.found.rows[: self.limit]
        rows = rows if self.wanted.up else rows[::-1]
        opens = [store.opened(rows[0]), store.opened(rows[-1])] if rows else []
        after = seal(self.scope, self.wanted.after(*opens)) if more else None
        stale, missed = is_stale(known.through if known else None, timeframe, self.now), self._holes(opens, more=more)
        told = {"stale": stale, "complete": missed.complete, "gaps": [gap.model_dump() for gap in missed.gaps]}
        facts = meta(len(rows), after, simulated=simulated, **told)
        data = b",".join(rows[::-1] if self.wanted.falling else rows)
        body = b'{"success":true,"data":[' + data + b'],"meta":' + msgspec.json.encode(facts) + b"}"
        headers = {"Cache-Control": "private, no-cache"}
        headers |= {"Livermore-Data-Age": str(age(known.through, timeframe, self.now))} if known is not None else {}
        return Answer(body, headers=headers, tagged=True)

    def _holes(self, opens: list[int], *, more: bool) -> Holes:
        known, timeframe = self.found.known, self.timeframe
        if known is None:
            return NOTHING_KNOWN
        span = answered(self.wanted, opens, more=more, timeframe=timeframe, known=known, now=self.now)
        return holes(self.found.ledger, *span, timeframe, known)


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
            "the newest candle was closed. Candles of 30m, 2h and 6h are made of smaller ones when somebody asks, once "
            "all of these are known; their `revision` is that of the smaller ones together, and `gaps` are theirs.",
            CandlePage,
            examples.CANDLES,
            also=(304, 404),
            headers=("ETag", "Livermore-Data-Age"),
        ),
    )
]
