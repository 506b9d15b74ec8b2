"""Rolling small candles up into one larger candle, exactly."""

from collections.abc import Sequence
from decimal import Decimal

from livermore.market.amount import text_of, total
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe


def roll_up(children: Sequence[Candle], timeframe: Timeframe) -> Candle:
    """The candle of ``timeframe`` that holds ``children``: at least one, ascending, all inside one bucket.

    Buckets without trades have no candle, so that fewer children than the timeframe has places are no fault: the
    caller knows that nothing is missing.
    """
    first, last = children[0], children[-1]
    return Candle(
        exchange=first.exchange,
        symbol=first.symbol,
        timeframe=timeframe,
        open_time=timeframe.floor(first.open_time),
        open=first.open,
        high=max((c.high for c in children), key=Decimal),
        low=min((c.low for c in children), key=Decimal),
        close=last.close,
        volume=text_of(total(Decimal(c.volume) for c in children)),
    )
