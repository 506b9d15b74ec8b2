"""Coverage: how far the candles of one series reach, and what of them was missed."""

from typing import TYPE_CHECKING

from livermore.http import examples
from livermore.http.answer import Answer, of_model
from livermore.http.candle_page import answered, span
from livermore.http.found import Extent
from livermore.http.holes import cut, holes, shown
from livermore.http.parameters import AnyTimeframe, ExchangeName, Parameters, Symbol
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import CoverageItem, CoveragePage, Meta, meta
from livermore.http.source import source
from livermore.market.cursor import is_stale
from livermore.market.instant import iso
from livermore.market.timeframe import Length
from livermore.store.gaps import KEPT_OF_SERIES

if TYPE_CHECKING:
    from livermore.http.front import Front


class CoverageParameters(Parameters):
    """Which series."""

    exchange: ExchangeName
    symbol: Symbol
    timeframe: AnyTimeframe


async def coverage(front: "Front", asked: CoverageParameters) -> Answer:
    """All in one row."""
    market = await front.directory.market(asked.exchange)
    symbol = await market.symbol(asked.symbol)
    extent = await source(front.redis, market, symbol, asked.timeframe).extent()
    known, timeframe, now = extent.known, asked.timeframe, front.clock.now()
    item = CoverageItem(
        symbol=symbol, exchange=market.name, timeframe=str(timeframe),
        first=_time(extent.first), last=_time(extent.last), count=extent.total,
        known_from=_time(known.since if known else None),
        known_to=_time(known.through + timeframe.ms if known else None),
        complete=_complete(extent, timeframe, now), stale=is_stale(known.through if known else None, timeframe, now),
        gaps=shown(extent.ledger), gaps_cut=cut(extent.ledger),
    )  # fmt: skip
    facts = Meta(**meta(1, simulated=await market.simulated()))
    return of_model(CoveragePage(success=True, data=[item], meta=facts))


def _complete(extent: Extent, timeframe: Length, now: int) -> bool:
    """As on a page that has all of the candles."""
    if extent.known is None:
        return False
    opens = [at for at in (extent.first, extent.last) if at is not None]
    whole = answered(span(None, None, None), opens, more=False, timeframe=timeframe, known=extent.known, now=now)
    return holes(extent.ledger, *whole, timeframe, extent.known).complete


def _time(at: int | None) -> str | None:
    return iso(at) if at is not None else None


ROUTES = [
    Route(
        f"{PUBLIC}/coverage/{{exchange}}/{{symbol}}/{{timeframe}}",
        CoverageParameters,
        coverage,
        Access.READ,
        Document(
            "Candles",
            "How far the candles of one pair on one timeframe reach",
            "`complete` says whether everything from the first candle to the last is known, so that a time without one "
            f"had no trades. `gaps` are the newest {KEPT_OF_SERIES} of the series, ascending. Where there may have "
            "been older ones, `gaps_cut` is true, and nothing before them is taken to be complete. Those of 30m, 2h "
            "and 6h are the gaps of the smaller candles that they are made of.",
            CoveragePage,
            examples.COVERAGE,
            also=(404,),
        ),
    )
]
