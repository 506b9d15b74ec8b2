"""Rolling small candles up into one larger candle, exactly."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from livermore.market.amount import text_of, total
from livermore.market.candle import Candle, PublicCandle
from livermore.market.instant import iso
from livermore.market.timeframe import Rolled, Timeframe


class Amounts(NamedTuple):
    """What was traded in all of some candles: canonical decimal strings."""

    open: str
    high: str
    low: str
    close: str
    volume: str


def amounts(children: Sequence[Candle]) -> Amounts:
    """What was traded in these: at least one, ascending."""
    return Amounts(
        open=children[0].open,
        high=max((c.high for c in children), key=Decimal),
        low=min((c.low for c in children), key=Decimal),
        close=children[-1].close,
        volume=text_of(total(Decimal(c.volume) for c in children)),
    )


def roll_up(children: Sequence[Candle], timeframe: Timeframe) -> Candle:
    """The candle of ``timeframe`` that holds ``children``: at least one, ascending, all inside one bucket.

    Buckets without trades have no candle, so that fewer children than the timeframe has places are no fault: the
    caller knows that nothing is missing.
    """
    first = children[0]
    open_time = timeframe.floor(first.open_time)
    return Candle(first.exchange, first.symbol, timeframe, open_time, *amounts(children))


def rolled(parts: Sequence[Candle], whole: Rolled) -> PublicCandle:
    """As `roll_up`, for a candle that is not stored: only its public form is ever seen.

    Its revision grows with each correction of one of its parts.
    """
    first = parts[0]
    place, revision = iso(whole.floor(first.open_time)), sum(c.revision for c in parts)
    return PublicCandle(place, *amounts(parts), first.symbol, first.exchange, str(whole), revision)
