"""What every alert rule works on: a reading of the indicator, the memory of its series, and the trigger it finds."""

from typing import Annotated, Any, Protocol

import msgspec

from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.settings import Duration, worded
from livermore.settings import Options as BaseOptions

COOLDOWN = 300.0
"""How long (s, of candle close times) a trigger of a series stays silent after it fired (`reference.md` 8.2)."""

Pair = Annotated[str, *worded(r"[A-Z0-9._]{1,24}(-[A-Z0-9._]{1,24}){1,2}", "a symbol as BTC-USD")]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The indicator of one closed candle. ``close_time`` is the end of its bucket, ms UTC; ``close`` its last price."""

    series: Series
    close_time: int
    close: float
    value: float
    signal: float
    histogram: float
    stage: str = "unknown"


class Memory(msgspec.Struct, frozen=True):
    """What a series remembers: its last value, that candle's close time (ms) and stage, whether its reversal has fired,
    and when each label fired (ms).

    ``close``: that candle's last price; ``held``: how many readings in a row had its stage; ``settled``: the stage that
    was told last; ``spent``: labels of lines that were crossed, and from which it has not come back far enough since.
    ``since``: candles that closed up to then (ms) are only remembered.
    """

    value: float | None = None
    time: int = 0
    reversed: bool = False
    fired: dict[str, int] = {}
    stage: str = "unknown"
    close: float | None = None
    held: int = 0
    settled: str | None = None
    spent: tuple[str, ...] = ()
    since: int = 0

    def cool(self, label: str, close_time: int, cooldown: float = COOLDOWN) -> bool:
        """Whether ``label`` may fire at ``close_time``. ``cooldown``: seconds."""
        return label not in self.fired or close_time - self.fired[label] >= cooldown * 1000

    def after(self, label: str, close_time: int, **changes: Any) -> "Memory":
        """The memory once ``label`` has fired."""
        return msgspec.structs.replace(self, fired={**self.fired, label: close_time}, **changes)

    def changed(self, **changes: Any) -> "Memory":
        """The memory with some of it changed."""
        return msgspec.structs.replace(self, **changes)


class RuleOptions(BaseOptions):
    """What any rule can be told: for which series it is (no symbol named: for all), and its cooldown."""

    symbols: tuple[Pair, ...] = ()
    timeframes: tuple[Timeframe, ...] = tuple(Timeframe)
    cooldown: Duration = COOLDOWN

    def covers(self, series: Series) -> bool:
        """Whether the rule is for this series."""
        return series.timeframe in self.timeframes and (not self.symbols or series.symbol in self.symbols)


class Trigger(msgspec.Struct, frozen=True):
    """A rule has found something: ``label`` as ``level_-150`` or ``reversal_oversold``.

    ``previous``: the label of what it was before, where it is a change from one thing to another.
    """

    rule: str
    label: str
    details: dict[str, Any]
    previous: str | None = None


class Rule(Protocol):
    """A rule is a class in a file of this package, named as the file in CamelCase, with its ``Options`` beside it."""

    @property
    def name(self) -> str: ...
    @property
    def options(self) -> RuleOptions: ...

    def judge(self, memory: Memory, now: Reading) -> tuple[Memory, Trigger | None]:
        """Decide on ``now`` against the value before it, ``memory.value``, which is not None."""
