"""Price crossings: a candle of a symbol closes beyond a price that the one before had not passed."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from livermore.alerts.line import Line, cross
from livermore.alerts.rule import Memory, Reading, RuleOptions, Trigger
from livermore.market.amount import text_of
from livermore.market.timeframe import Timeframe
from livermore.settings import Percent

Price = Annotated[Decimal, Field(gt=0, max_digits=38, decimal_places=18, examples=["60000", "0.0525"])]


class Options(RuleOptions):
    """``prices`` of the one symbol that is named, in its quote currency.

    ``hysteresis``: how far a close must have come back behind a price, as a share of it, to cross it again.
    """

    prices: tuple[Price, ...] = ()
    hysteresis: Percent = 0.0
    timeframes: tuple[Timeframe, ...] = (Timeframe.M1,)

    @model_validator(mode="after")
    def _of_one_symbol(self) -> Self:
        if self.prices and len(self.symbols) != 1:
            raise ValueError("prices are those of one symbol: name it, as symbols: [BTC-USD]")
        return self


class PriceCross:
    """Each price can be crossed from below and from above. Of several crossed in one step the furthest fires."""

    name = "price_cross"

    def __init__(self, options: Options) -> None:
        self.options = options
        prices = sorted(set(options.prices))
        rising = [_line(price, options.hysteresis, up=True) for price in reversed(prices)]
        self._lines = [*rising, *(_line(price, options.hysteresis, up=False) for price in prices)]

    def judge(self, memory: Memory, now: Reading) -> tuple[Memory, Trigger | None]:
        if memory.close is None:
            return memory, None
        crossed, spent = cross(self._lines, memory.close, now.close, memory.spent)
        memory = memory.changed(spent=spent)
        if not crossed or not memory.cool(crossed[0].label, now.close_time, self.options.cooldown):
            return memory, None
        label, up = crossed[0].label, crossed[0].up
        details = {"price": label.rpartition("_")[2], "direction": "up" if up else "down"}
        return memory.after(label, now.close_time), Trigger(self.name, label, details)


def _line(price: Decimal, hysteresis: float, *, up: bool) -> Line:
    return Line(f"price_{'above' if up else 'below'}_{text_of(price)}", float(price), up, float(price) * hysteresis)
