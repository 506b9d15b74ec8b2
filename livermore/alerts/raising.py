"""From a signal's full record to what the rules judge, and from what they find to an alert."""

from collections.abc import Mapping
from typing import Any

from livermore.alerts.rule import Memory, Reading, Trigger
from livermore.market.alert import Alert, alert_id
from livermore.market.bias import WEIGHTS, bias
from livermore.market.timeframe import Timeframe


def reading(record: Mapping[str, Any]) -> Reading | None:
    """What rules judge; None for a record that no alert may rest on."""
    value = record["value"]
    if not record["validity"]["ready"] or value["macdV"] is None:
        return None
    close_time = record["timestamp"] + Timeframe(record["timeframe"]).ms
    return Reading(value["macdV"], value["signal"], value["histogram"], close_time, record["params"]["stage"])


Memories = Mapping[Timeframe, Memory]


def raised(
    trigger: Trigger, record: Mapping[str, Any], exchange: str, price: str | None, now: int, memories: Memories
) -> Alert:
    """The alert of what a rule has found.

    Args:
        trigger: what it is.
        record: of the candle at which it was found.
        exchange: whose candle that is.
        price: the newest, if it is known.
        now: market time, ms.
        memories: what the symbol's timeframes remember at this point of the event stream, this candle included.
    """
    symbol, timeframe, candle_time = record["symbol"], Timeframe(record["timeframe"]), record["timestamp"]
    value = record["value"]
    return Alert(
        id=alert_id(trigger.rule, exchange, symbol, timeframe, trigger.label, candle_time),
        exchange=exchange,
        symbol=symbol,
        timeframe=timeframe,
        rule=trigger.rule,
        label=trigger.label,
        value=value["macdV"],
        price=record["close"] if price is None else price,
        candle_time=candle_time,
        triggered_at=now,
        late=now - candle_time - timeframe.ms > 2 * timeframe.ms,
        details={
            **trigger.details,
            "signal": value["signal"],
            "histogram": value["histogram"],
            **surroundings(memories),
        },
    )


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
