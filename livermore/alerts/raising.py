"""From a signal's full record to what the rules judge, and from what they find to an alert."""

from collections.abc import Mapping
from typing import Any

from livermore.alerts.rule import Reading, Trigger
from livermore.market.alert import Alert, alert_id
from livermore.market.timeframe import Timeframe


def reading(record: Mapping[str, Any]) -> Reading | None:
    """What rules judge; None for a record that no alert may rest on."""
    value = record["value"]
    if not record["validity"]["ready"] or value["macdV"] is None:
        return None
    close_time = record["timestamp"] + Timeframe(record["timeframe"]).ms
    return Reading(value["macdV"], value["signal"], value["histogram"], close_time)


def raised(trigger: Trigger, record: Mapping[str, Any], exchange: str, price: str | None, now: int) -> Alert:
    """The alert of what a rule has found. ``price``: the newest, if it is known; ``now``: market time, ms."""
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
        details={**trigger.details, "signal": value["signal"], "histogram": value["histogram"]},
    )
