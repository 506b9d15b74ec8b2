"""Alerts to tell of, and a target and a network that do what they are told."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from livermore.market.alert import Alert
from livermore.net.interface import Network, Response
from livermore.notices.target import Outcome, TargetOptions, Tidings

AT = 1_700_000_040_000 // 60_000 * 60_000
TIMEFRAMES = [
    {"timeframe": "1m", "macdV": 151.26, "stage": "overbought"},
    {"timeframe": "5m", "macdV": -0.3, "stage": "ranging"},
    {"timeframe": "1d", "macdV": -1234.5, "stage": "oversold"},
]
LEVEL = Alert(
    id="0123456789abcdef0123456789abcdef",
    exchange="coinbase",
    symbol="BTC-USD",
    timeframe="1m",
    rule="level_cross",
    label="level_150",
    value=151.26,
    price="65000.5",
    candle_time=AT,
    triggered_at=AT + 61_000,
    late=False,
    details={
        "level": 150, "direction": "up", "signal": 139.7, "histogram": 11.5,
        "timeframes": TIMEFRAMES, "bias": "Bearish",
    },
)  # fmt: skip
REVERSAL = msgspec.structs.replace(
    LEVEL,
    rule="reversal",
    label="reversal_oversold",
    value=-201.04,
    details={
        "zone": "oversold", "buffer": 10.05, "bufferPct": 5.0, "signal": -213.4, "histogram": 12.36, "bias": "Bullish",
    },
)  # fmt: skip


def alert(number: int = 0, **changes: Any) -> Alert:
    """One of many."""
    return msgspec.structs.replace(LEVEL, id=f"{number:032x}", **changes)


class Posted(NamedTuple):
    """What was posted."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    private: bool


class Mailbox:
    """A network that remembers what is posted, and answers as it is told."""

    def __init__(self, *answers: Response) -> None:
        self.posted: list[Posted] = []
        self.answers = list(answers)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Response:
        self.posted.append(Posted(url, body, headers, private))
        return self.answers.pop(0) if self.answers else Response(204, {}, b"")


class Scripted:
    """A target: each notice comes to the next of these ends, or to the one of its alert, and else it is sent."""

    shows_charts = False

    def __init__(self, *outcomes: Outcome | Exception, per_minute: int = 6_000) -> None:
        self.options = TargetOptions.model_validate({"url": "x", "per_minute": per_minute})
        self.outcomes = list(outcomes)
        self.by_alert: dict[str, Outcome] = {}
        self.notices: list[Tidings] = []
        self.hung = asyncio.Event()
        self.hangs = False

    async def send(self, network: Network, tidings: Tidings, now: int) -> Outcome:
        self.notices.append(tidings)
        if self.hangs:
            self.hung.set()
            await asyncio.Event().wait()
        outcome = self.by_alert.get(tidings.id) or (self.outcomes.pop(0) if self.outcomes else Outcome("sent"))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @property
    def told(self) -> list[str]:
        """Ids, in the order of the attempts."""
        return [tidings.id for tidings in self.notices]
