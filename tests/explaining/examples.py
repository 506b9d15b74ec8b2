"""An alert with all that it was made of: candles, the row that was recorded of it, and what the stores hold."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from livermore.alerts.engine import make_rules, step
from livermore.alerts.raising import Find, reading, why
from livermore.alerts.rule import Memory
from livermore.explaining.explanation import Stored
from livermore.indicators.bars import filled
from livermore.indicators.macdv import Macdv
from livermore.indicators.values import records
from livermore.market.alert import alert_id
from livermore.market.candle import Candle
from livermore.market.cursor import Cursor
from livermore.market.timeframe import Timeframe
from livermore.store.alert_history import Recorded
from tests.commands.test_backtest import swinging

STEP = Timeframe.M1.ms
RULE = {"level_cross": {"levels": [150, 200]}}


@cache
def raised() -> tuple[tuple[Candle, ...], dict[str, Any]]:
    """Candles up to one at which a level is crossed, and what the evaluator writes down of that, with its label."""
    candles, rules, memory = swinging(), make_rules([RULE]), Memory()
    for i, record in enumerate(records(Macdv(), filled(candles))):
        full = record | {"symbol": "WAVE-USD", "timeframe": "1m", "close": candles[i].close, "revision": 0}
        now = reading("coinbase", full)
        if now is None:
            continue
        memory, found = step(rules, memory, now)
        if found and i > 350:
            told = msgspec.json.decode(msgspec.json.encode(why(Find(found[0], now, full))))
            return tuple(candles[: i + 1]), {"why": told, "label": found[0].trigger.label}
    raise AssertionError("no level is crossed")


def row(**changes: Any) -> Recorded:
    """The row of that alert."""
    candles, found = raised()
    own, label = candles[-1], found["label"]
    facts = ("coinbase", "WAVE-USD", "1m", label, own.open_time)
    now = found["why"]["now"]
    level = int(label.removeprefix("level_"))
    hours = (
        {"timeframe": "1h", "macdV": 12.5, "stage": "rallying"},
        {"timeframe": "4h", "macdV": -3, "stage": "retracing"},
    )
    details = {"level": level, "direction": "down", "timeframes": list(hours)}
    id_ = alert_id("level_cross", *facts)
    made = Recorded(
        id_, 1, "coinbase", "WAVE-USD", "1m", label, None, round(now["value"], 8), own.close,
        own.open_time, own.open_time + STEP + 1_250, False, details | {"bias": "Bullish", "why": found["why"]},
        notified=True, notice_error=None,
    )  # fmt: skip
    return made._replace(**changes)


def older() -> Recorded:
    """As it was recorded before there was a why."""
    made = row()
    return made._replace(details={key: value for key, value in made.details.items() if key != "why"})


def stored(candles: Sequence[Candle] | None = None, **changes: Any) -> Stored:
    """What the stores hold of it."""
    held = raised()[0] if candles is None else candles
    cursor = Cursor(held[0].open_time, held[-1].open_time, held[-1].open_time) if held else None
    return Stored(held, cursor, [], Macdv())._replace(**changes)
