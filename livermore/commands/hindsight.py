"""Hindsight: the indicator and the rules on a whole history, candle by candle, and what would have been raised."""

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from livermore.alerts.engine import step
from livermore.alerts.raising import reading
from livermore.alerts.rule import Memory, Rule, Trigger
from livermore.indicators.bars import Bars
from livermore.indicators.values import Indicator, records
from livermore.market.alert import alert_id, direction
from livermore.market.candle import Series
from livermore.market.instant import iso


class Fired(msgspec.Struct, frozen=True):
    """What a rule has found. ``time``: when its candle closed, ISO-8601, and ``candle_time`` when that opened.

    ``id``: that of the alert, which is the same in `alert_history` if it was raised; ``price``: the candle's close.
    """

    time: str
    candle_time: str
    symbol: str
    timeframe: str
    rule: str
    label: str
    value: float
    price: str
    direction: str
    id: str

    def __str__(self) -> str:
        where = f"{self.time}  {self.symbol}  {self.timeframe:>3}"
        return f"{where}  {self.label:<20}  {self.value:+8.2f}  {self.price:>14}  {self.direction}"


class Hindsight:
    """Iterate over it, once. ``ready``: the first close time (ms) of a value that alerts rest on; ``found``: how many.

    The first such value is only remembered, as by the evaluator when it begins.
    """

    def __init__(self, series: Series, bars: Bars, closes: Iterable[str], indicator: Indicator, rules: list[Rule]):
        """``bars``: at least one; ``closes``: of those that were traded, as decimal strings."""
        self.series, self.bars = series, bars
        self._closes, self._indicator, self._rules = closes, indicator, rules
        self.ready: int | None = None
        self.found = 0

    def __iter__(self) -> Iterator[tuple[int, Fired]]:
        """What would have been raised, ascending, each with the close time (ms) of its candle."""
        memory = Memory()
        for record, close in zip(records(self._indicator, self.bars), self._closes, strict=True):
            about = {"symbol": self.series.symbol, "timeframe": self.series.timeframe, "close": close}
            now = reading(self.series.exchange, record | about)
            if now is None:
                continue
            self.ready = self.ready or now.close_time
            memory, found = step(self._rules, memory, now)
            for one in found:
                self.found += 1
                yield now.close_time, self._fired(one.trigger, now.value, close, record["timestamp"])

    def _fired(self, trigger: Trigger, value: float, close: str, opened: int) -> Fired:
        exchange, symbol, timeframe = self.series
        rule, label = trigger.rule, trigger.label
        id_ = alert_id(rule, exchange, symbol, timeframe, label, opened)
        closed = iso(opened + timeframe.ms)
        return Fired(closed, iso(opened), symbol, timeframe, rule, label, value, close, direction(label), id_)

    def __str__(self) -> str:
        """What it rests on, for people."""
        step = self.series.timeframe.ms
        first, last = int(self.bars.open_time[0]), int(self.bars.open_time[-1]) + step
        traded = int(np.count_nonzero(self.bars.observed))
        ready = "values were never ready" if self.ready is None else f"values were ready from {iso(self.ready)} on"
        return (
            f"{self.series}: {traded:,} candles from {iso(first)} to {iso(last)}; {ready}; alerts found: {self.found}"
        )
