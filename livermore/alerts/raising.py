"""From a signal's full record to what the rules judge, and from what they find to an alert."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from livermore.alerts.engine import Found
from livermore.alerts.rule import Memory, Reading
from livermore.market.alert import Alert, alert_id
from livermore.market.bias import WEIGHTS, bias
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe


def reading(exchange: str, record: Mapping[str, Any]) -> Reading | None:
    """What rules judge; None for a record that no alert may rest on."""
    value = record["value"]
    if not record["validity"]["ready"] or value["macdV"] is None:
        return None
    series = Series(exchange, record["symbol"], Timeframe(record["timeframe"]))
    return Reading(
        series=series,
        close_time=record["timestamp"] + series.timeframe.ms,
        close=float(record["close"]),
        value=value["macdV"],
        signal=value["signal"],
        histogram=value["histogram"],
        stage=record["params"]["stage"],
    )


Memories = Mapping[Timeframe, Memory]
FRESH = 2
"""An alert that is found later than so many timeframes after its candle closed is late (`design.md` 5)."""


class Find(NamedTuple):
    """What a rule has found, in which reading, and the record of the reading's candle."""

    found: Found
    reading: Reading
    record: Mapping[str, Any]

    @property
    def id(self) -> str:
        """That of the alert that is raised of it."""
        trigger, at = self.found.trigger, self.record["timestamp"]
        return alert_id(trigger.rule, *self.reading.series, trigger.label, at)


def raised(find: Find, price: str | None, now: int, memories: Memories) -> Alert:
    """The alert of what a rule has found.

    Args:
        find: what it is.
        price: the newest, if it is known.
        now: market time, ms.
        memories: what the symbol's timeframes remember at this point of the event stream, this candle included.
    """
    found, reading, record = find
    trigger, (exchange, symbol, timeframe) = found.trigger, reading.series
    late = now - reading.close_time > FRESH * timeframe.ms
    return Alert(
        id=find.id,
        exchange=exchange,
        symbol=symbol,
        timeframe=timeframe,
        rule=trigger.rule,
        label=trigger.label,
        value=reading.value,
        price=record["close"] if late or price is None else price,
        candle_time=record["timestamp"],
        triggered_at=now,
        late=late,
        previous=trigger.previous,
        details={
            **trigger.details,
            "signal": reading.signal,
            "histogram": reading.histogram,
            **surroundings(memories),
            "why": why(find),
        },
    )


def why(find: Find) -> dict[str, Any]:
    """All that the decision rests on: whoever judges it again decides the same."""
    found, reading, record = find
    return {
        "rule": found.rule,
        "before": msgspec.to_builtins(found.before),
        "now": {name: value for name, value in msgspec.to_builtins(reading).items() if name != "series"},
        "revision": record["revision"],
        "validity": record["validity"],
    }


def surroundings(memories: Memories) -> dict[str, Any]:
    """Where all timeframes of a symbol stand, and which way they lean together (`reference.md` 8.5).

    It is read off the memories, not the newest records: whoever judges the same events again tells the same.
    """
    stages = {timeframe: memory.stage for timeframe, memory in memories.items()}
    shown = [
        {"timeframe": str(timeframe), "macdV": memories[timeframe].value, "stage": memories[timeframe].stage}
        for timeframe in WEIGHTS
        if timeframe in memories and memories[timeframe].value is not None
    ]
    return {"timeframes": shown, "bias": bias(stages)}
