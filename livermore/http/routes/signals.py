"""Signals: how pairs move, as direction and strength and nothing else."""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from livermore.http import examples
from livermore.http.answer import Answer, of_model
from livermore.http.directory import Market
from livermore.http.parameters import ExchangeName, Parameters, Symbol
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import Meta, SignalItem, SignalPage, meta
from livermore.http.snapshot import INDICATOR
from livermore.market.candle import Series
from livermore.market.cursor import is_stale
from livermore.market.timeframe import Timeframe
from livermore.store import candles, ticks
from livermore.store import signals as store

if TYPE_CHECKING:
    from livermore.http.front import Front


def _timeframes(text: object) -> tuple[Timeframe, ...]:
    words = text.split(",") if isinstance(text, str) else []
    if not words or len(set(words)) < len(words) or not set(words) <= set(Timeframe):
        raise PydanticCustomError("timeframes", f"expected one or more of {', '.join(Timeframe)}, with commas between")
    return tuple(Timeframe(word) for word in words)


_LIST = {"type": "array", "items": {"type": "string", "enum": list(Timeframe)}, "minItems": 1, "uniqueItems": True}

Timeframes = Annotated[tuple[Timeframe, ...], BeforeValidator(_timeframes), WithJsonSchema(_LIST)]


class AllParameters(Parameters):
    """Signals of every symbol."""

    exchange: ExchangeName
    timeframe: Timeframes | None = Field(None, description="One or more, with commas between; without it, all six")


class OneParameters(AllParameters):
    """Signals of one symbol."""

    symbol: Symbol


async def all_signals(front: "Front", asked: AllParameters) -> Answer:
    """Of all symbols that are watched."""
    market = await front.directory.market(asked.exchange)
    return await _answer(front, market, await market.symbols(), asked.timeframe)


async def one_signal(front: "Front", asked: OneParameters) -> Answer:
    """Of one symbol."""
    market = await front.directory.market(asked.exchange)
    return await _answer(front, market, [await market.symbol(asked.symbol)], asked.timeframe)


async def _answer(
    front: "Front", market: Market, symbols: Sequence[str], timeframes: tuple[Timeframe, ...] | None
) -> Answer:
    wanted = [Series(market.name, *pair) for pair in product(symbols, timeframes or tuple(Timeframe))]
    items = await _items(front, market, symbols, wanted) if wanted else []
    facts = Meta(**meta(len(items), simulated=await market.simulated()))
    return of_model(SignalPage(success=True, data=items, meta=facts))


async def _items(front: "Front", market: Market, symbols: Sequence[str], wanted: list[Series]) -> list[SignalItem]:
    found = await front.redis.run(store.shown(market.keys, wanted, INDICATOR))
    known = await front.redis.run(candles.cursors_of(market.keys, wanted))
    tickers = await front.redis.run(ticks.read(market.keys, symbols))
    prices = {ticker.symbol: ticker.price for ticker in tickers if ticker is not None}
    now = front.clock.now()
    return [
        SignalItem(
            symbol=signal.symbol, exchange=signal.exchange, price=prices.get(signal.symbol), type="momentum_signal",
            direction=signal.direction, strength=signal.strength, timeframe=signal.timeframe,
            updated_at=signal.timestamp, ready=signal.ready, bars_used=signal.bars_used,
            stale=is_stale(cursor.through if cursor else None, series.timeframe, now),
        )
        for series, signal, cursor in zip(wanted, found, known, strict=True) if signal is not None
    ]  # fmt: skip


_TEXT = "One row for each symbol and timeframe that has a signal. `ready` says whether it is to be relied on."

ROUTES = [
    Route(
        f"{PUBLIC}/signals/{{exchange}}",
        AllParameters,
        all_signals,
        Access.READ,
        Document("Signals", "Signals of all pairs of an exchange", _TEXT, SignalPage, examples.SIGNALS, also=(404,)),
    ),
    Route(
        f"{PUBLIC}/signals/{{exchange}}/{{symbol}}",
        OneParameters,
        one_signal,
        Access.READ,
        Document(
            "Signals",
            "Signals of one pair",
            _TEXT,
            SignalPage,
            examples.SIGNALS,
            also=(404,),
            operation="get_signals_of_symbol",
        ),
    ),
]
