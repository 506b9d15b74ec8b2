"""A notice of nothing, for somebody who wants to see whether notices arrive."""

from livermore.market.alert import Alert
from livermore.market.bias import WEIGHTS, bias
from livermore.market.timeframe import Timeframe
from livermore.notices.notice import Notice

VALUES = {
    Timeframe.M1: (151.2, "overbought"),
    Timeframe.M5: (96.4, "rallying"),
    Timeframe.M15: (61.0, "rallying"),
    Timeframe.H1: (-12.3, "rebounding"),
    Timeframe.H4: (-44.8, "rebounding"),
    Timeframe.D1: (8.1, "retracing"),
}


def sample(test: str, exchange: str, now: int) -> Notice:
    """It says that it is a test, and looks as any other. ``now``: market time, ms."""
    timeframes = [{"timeframe": str(t), "macdV": VALUES[t][0], "stage": VALUES[t][1]} for t in WEIGHTS]
    lean = bias({t: stage for t, (_, stage) in VALUES.items()})
    details = {"level": 150, "direction": "up", "signal": 139.7, "histogram": 11.5}
    alert = Alert(
        id=test,
        exchange=exchange,
        symbol="TEST-USD",
        timeframe=str(Timeframe.M1),
        rule="level_cross",
        label="level_150",
        value=VALUES[Timeframe.M1][0],
        price="1234.5",
        candle_time=Timeframe.M1.last_closed(now),
        triggered_at=now,
        late=False,
        details={**details, "timeframes": timeframes, "bias": lean},
    )
    return Notice(alert, ("test",))
