"""Readings made in a line, and a life of the engine over many of them."""

from collections.abc import Iterable

from livermore.alerts.engine import Found, make_rules, step
from livermore.alerts.rule import Memory, Reading
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe

MINUTE = 60_000
SERIES = Series("coinbase", "BTC-USD", Timeframe.M1)
RULES = make_rules([{"level_cross": {}}, {"reversal": {}}])


def reading(value: float, at: int, histogram: float = 0.0, *, close: float = 1.0, stage: str = "unknown") -> Reading:
    """The value of the candle that closed ``at`` this minute."""
    return Reading(
        series=SERIES,
        close_time=at * MINUTE,
        close=close,
        value=value,
        signal=value - histogram,
        histogram=histogram,
        stage=stage,
    )


def after(*values: float, every: int = 1) -> Memory:
    """What is remembered after these values, ``every`` so many minutes."""
    memory = Memory()
    for i, value in enumerate(values, 1):
        memory, _ = step(RULES, memory, reading(value, i * every))
    return memory


def lived(readings: Iterable[Reading]) -> tuple[Memory, list[list[Found]]]:
    """What is remembered after a whole life, and what each reading led to."""
    memory, found = Memory(), []
    for one in readings:
        memory, triggers = step(RULES, memory, one)
        found.append(triggers)
    return memory, found


def labels(found: Iterable[Found]) -> list[str]:
    return [one.trigger.label for one in found]
