"""Time: what the clock of this server says, and the market's, where it is another one."""

from typing import TYPE_CHECKING

from livermore.http import examples
from livermore.http.answer import Answer, of_model
from livermore.http.parameters import Parameters
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import MarketTime, Meta, TimeItem, TimePage, meta
from livermore.market.instant import iso

if TYPE_CHECKING:
    from livermore.http.front import Front


async def time(front: "Front", _: Parameters) -> Answer:
    """Read when the answer is made; no store is asked."""
    before, market, wall = front.clock.wall(), front.clock.now(), front.clock.wall()
    other = None
    if not before <= market <= wall:  # one clock, read twice, is a moment later
        other = MarketTime(timestamp=iso(market), unix_ms=market, speed=front.clock.speed)
    item = TimeItem(timestamp=iso(wall), unix_ms=wall, market=other)
    return of_model(TimePage(success=True, data=[item], meta=Meta(**meta(1, simulated=False))))


ROUTES = [
    Route(
        f"{PUBLIC}/time",
        Parameters,
        time,
        Access.READ,
        Document(
            "Time",
            "What time it is here",
            "Candles open and close by the market's clock, which is this server's own unless the market is simulated.",
            TimePage,
            examples.TIME,
        ),
    )
]
